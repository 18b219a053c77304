/** Handles targets of a PATCH other than the attributes that the gateway stores. Pure. */
import { ScimError } from '../protocol/scim-errors.js';
import type { PatchStep } from './step.js';

/** Written by the service provider only (RFC 7643 §3.1, §4.1.2). */
const READ_ONLY = new Set(['id', 'meta', 'groups']);

/** Attributes of RFC 7643 that the gateway does not use. Directories send them nevertheless. */
const NOT_STORED = new Set([
  'schemas',
  'nickname',
  'profileurl',
  'title',
  'usertype',
  'preferredlanguage',
  'locale',
  'timezone',
  'password',
  'phonenumbers',
  'ims',
  'photos',
  'addresses',
  'entitlements',
  'roles',
  'x509certificates',
]);

/**
 * Handles a step at an attribute that is not stored. Accepts attributes that SCIM says to ignore. Throws `mutability`
 * for attributes that only the service provider writes and `invalidPath` for unknown ones, both only if a path named
 * the attribute.
 */
export function skipUnstored({ attribute, isNamed, isForeign }: PatchStep): void {
  if (!isNamed || isForeign || NOT_STORED.has(attribute)) return;
  if (READ_ONLY.has(attribute)) throw new ScimError('mutability', `${attribute} cannot be changed.`);
  throw new ScimError('invalidPath', `${attribute} is not an attribute.`);
}

/** Checks a step at an attribute that must have a value. Throws `mutability`. */
export function requireValue({ op, value }: PatchStep, name: string): void {
  if (op === 'remove' || value === undefined) throw new ScimError('mutability', `${name} cannot be removed.`);
}

/** Checks a step at an attribute with a single, simple value. Throws `invalidPath`. */
export function requireSimple({ part, filter }: PatchStep, name: string): void {
  if (part !== null || filter)
    throw new ScimError('invalidPath', `${name} has no sub-attributes, and its values cannot be filtered.`);
}
