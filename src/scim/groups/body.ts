/** Parses and validates a directory's data about a group (RFC 7643 §4.2). */
import { MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { checkBody } from '../../admin-api/body-validation.js';
import { readText, readAttribute, isObject } from '../protocol/json-attributes.js';
import { ScimError } from '../protocol/scim-errors.js';

export class GroupBody {
  @MayBeAbsent()
  @OneLine(100)
  displayName?: string;

  @MayBeAbsent()
  @OneLine(255)
  externalId?: string;
}

/** Throws `validation_failed`. Empty values count as absent. */
export function readGroup(given: { displayName?: unknown; externalId?: unknown }): Promise<GroupBody> {
  const attributes = Object.entries(given).filter(([, value]) => value !== undefined && value !== '');
  return checkBody(GroupBody, Object.fromEntries(attributes));
}

/** Returns the ids of members, sent as one object or a list of them. Throws `invalidValue`. */
export function readMemberIds(value: unknown): string[] {
  const members = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return members.map((member: unknown) => {
    if (!isObject(member)) throw new ScimError('invalidValue', 'Each of members must be an object with a value.');
    return readText(readAttribute(member, 'value'), 'The value of a member').toLowerCase();
  });
}
