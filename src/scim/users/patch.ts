/** Applies a PATCH to a user. Pure. */
import type { DirectoryUser } from '../../orgs/directory-sync/directory-users.service.js';
import { matches } from '../filter/match.js';
import { readAttribute, isObject } from '../protocol/json-attributes.js';
import { requireValue, skipUnstored, requireSimple } from '../patch/step-checks.js';
import type { PatchStep } from '../patch/step.js';
import { ScimError } from '../protocol/scim-errors.js';
import { toEmails } from './resource.js';
import type { UserAttributes } from './body.js';

/** The attributes after all steps, as `readUser` accepts them, and whether the external id is removed. */
export interface PatchedUser {
  attributes: UserAttributes;
  removesExternalId: boolean;
}

/** Throws `invalidPath`, `mutability`, `noTarget`, `invalidFilter`. */
export function patchUser(user: Pick<DirectoryUser, 'email'>, steps: readonly PatchStep[]): PatchedUser {
  const patched: PatchedUser = { attributes: {}, removesExternalId: false };
  for (const step of steps)
    if (step.isForeign) skipUnstored(step);
    else apply(patched, step, user);
  // Half of a name would replace the whole name.
  const { name } = patched.attributes;
  if (isObject(name) && !name.formatted && !(name.givenname && name.familyname)) delete patched.attributes.name;
  return patched;
}

function apply(patched: PatchedUser, step: PatchStep, { email }: Pick<DirectoryUser, 'email'>): void {
  const { attributes } = patched;
  switch (step.attribute) {
    case 'username':
      requireSimple(step, 'userName');
      requireValue(step, 'userName');
      attributes.userName = step.value;
      return;
    case 'active':
      requireSimple(step, 'active');
      requireValue(step, 'active');
      attributes.active = step.value;
      return;
    case 'externalid':
      requireSimple(step, 'externalId');
      patched.removesExternalId = step.op === 'remove' || step.value === undefined || step.value === '';
      attributes.externalId = patched.removesExternalId ? undefined : step.value;
      return;
    case 'displayname':
      requireSimple(step, 'displayName');
      attributes.displayName = step.op === 'remove' || !step.value ? (attributes.userName ?? email) : step.value;
      return;
    case 'name':
      if (step.filter) throw new ScimError('invalidPath', 'The values of name cannot be filtered.');
      attributes.name = patchName(attributes.name, step);
      return;
    case 'emails':
      return checkEmailStep(step, email);
    default:
      skipUnstored(step);
  }
}

function patchName(before: unknown, { op, part, value }: PatchStep): unknown {
  // The displayed name stays until another name is set.
  if (op === 'remove') return undefined;
  const parts = isObject(before) ? before : {};
  if (part !== null) return { ...parts, [part]: value };
  if (!isObject(value)) throw new ScimError('invalidValue', 'name must be an object.');
  const merged: Record<string, unknown> = { ...parts };
  for (const each of ['formatted', 'givenname', 'familyname']) {
    const text = readAttribute(value, each);
    if (text !== undefined) merged[each] = text;
  }
  return merged;
}

/**
 * Checks a step at `emails` without changing anything. The only address of a user is `userName`: people sign in with
 * it, so it changes by that attribute only. A directory whose `mail` differs from the sign-in name sends both; `mail`
 * must not change the sign-in name.
 */
function checkEmailStep({ op, filter, part }: PatchStep, email: string): void {
  if (part !== null && !['value', 'type', 'primary', 'display'].includes(part)) {
    throw new ScimError('invalidPath', `An address has no sub-attribute ${part}.`);
  }
  if (!filter || op === 'add') return;
  const hasMatch = toEmails(email).some((address) => matches(filter, { ...address }));
  if (!hasMatch && op === 'replace') throw new ScimError('noTarget', 'No address of the user matches the filter.');
}
