/** Parses and validates a directory's data about a user (RFC 7643 §4.1). */
import { Transform } from 'class-transformer';
import { IsEmail, MaxLength } from 'class-validator';
import { MayBeAbsent, OneLine } from '../../admin-api/field-rules.js';
import { normalizeEmail } from '../../orgs/users/users.dto.js';
import { checkBody } from '../../admin-api/body-validation.js';
import { readBoolean, readText, readAttribute, isObject, type JsonObject } from '../protocol/json-attributes.js';

/** The stored attributes, as they were sent. */
export interface UserAttributes {
  userName?: unknown;
  displayName?: unknown;
  name?: unknown;
  externalId?: unknown;
  active?: unknown;
}

/** The validated attributes. Absent ones are undefined. */
export interface ValidUserAttributes {
  email: string | undefined;
  name: string | undefined;
  externalId: string | undefined;
  isActive: boolean | undefined;
}

class UserBody {
  @MayBeAbsent()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalizeEmail(value) : value))
  @IsEmail({ require_tld: false }, { message: 'userName must be an e-mail address' })
  @MaxLength(254)
  userName?: string;

  @MayBeAbsent()
  @OneLine(200)
  displayName?: string;

  @MayBeAbsent()
  @OneLine(255)
  externalId?: string;
}

/** Throws `validation_failed` or `invalidValue`. */
export async function readUser(given: UserAttributes): Promise<ValidUserAttributes> {
  const { userName, displayName, externalId } = await checkBody(
    UserBody,
    omitUndefined({
      userName: given.userName,
      displayName: readDisplayName(given),
      externalId: given.externalId === '' ? undefined : given.externalId,
    }),
  );
  const isActive = given.active === undefined ? undefined : readBoolean(given.active, 'active');
  return { email: userName, name: displayName, externalId, isActive };
}

/** Ignores everything else in the body (RFC 7644 §3.3). */
export const readUserAttributes = (body: JsonObject): UserAttributes => ({
  userName: readAttribute(body, 'username'),
  displayName: readAttribute(body, 'displayname'),
  name: readAttribute(body, 'name'),
  externalId: readAttribute(body, 'externalid'),
  active: readAttribute(body, 'active'),
});

/** Returns the one name that is stored: the display name, else the formatted name, else its parts. */
function readDisplayName({ displayName, name }: UserAttributes): unknown {
  if (displayName !== undefined && displayName !== '') return displayName;
  if (!isObject(name)) return undefined;
  const readPart = (key: string): string => readText(readAttribute(name, key) ?? '', `name.${key}`).trim();
  return (
    readPart('formatted') ||
    [readPart('givenname'), readPart('familyname')].filter((each) => each).join(' ') ||
    undefined
  );
}

const omitUndefined = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
