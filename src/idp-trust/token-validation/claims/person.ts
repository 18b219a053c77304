/** Reads the person that a token identifies, by the provider's claim mapping. Pure. */
import { readClaim, formatClaimPath } from '../../trusted-issuer/claim-path.js';
import type { IdentityProvider } from '../../trusted-issuer/identity-provider.js';
import { getPreset } from '../../presets/preset-registry.js';
import { isObject, quote, type JsonObject } from '../../trusted-issuer/token-json.js';
import { TokenRefusal } from '../../trusted-issuer/token-refusal.js';
import type { ValidatedToken } from '../../trusted-issuer/validated-token.js';

/** Limit of `sub` in OpenID Connect Core §2. */
const MAX_CHARACTERS = 255;
/** RFC 5321 §4.5.3.1.3. */
const MAX_EMAIL_CHARACTERS = 254;

/** Control characters and lone surrogates: databases refuse them or make two strings equal. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

/**
 * Printable ASCII around one `@`. Some characters of other alphabets become ASCII letters in lower case, which would
 * turn a foreign domain into a verified one.
 */
const EMAIL = /^[!-?A-~]+@[!-?A-~]+$/;

type MappingRules = Pick<IdentityProvider, 'kind' | 'preset' | 'claimMapping'>;

/** @throws TokenRefusal `jwt_subject` */
export function checkSubject(claims: JsonObject, { claimMapping }: MappingRules): string {
  const subject = readClaim(claims, claimMapping.subject);
  const path = formatClaimPath(claimMapping.subject);
  if (isText(subject)) return `${path} ${quote(subject)}`;
  throw new TokenRefusal('jwt_subject', `${path} is ${quote(subject)}; a text of 1 to ${MAX_CHARACTERS} is required.`);
}

/** Reads a token that has passed all checks. */
export function readPerson(
  claims: JsonObject,
  rules: MappingRules,
): Pick<ValidatedToken, 'subject' | 'email' | 'name' | 'groups'> {
  const { subject, name } = rules.claimMapping;
  const nameClaim = readClaim(claims, name);
  return {
    subject: readClaim(claims, subject) as string,
    email: rules.kind === 'people' ? readEmail(claims, rules) : null,
    name: isText(nameClaim) ? nameClaim : null,
    groups: readGroups(claims, rules),
  };
}

function readEmail(claims: JsonObject, { claimMapping, preset }: MappingRules): ValidatedToken['email'] {
  const address = readClaim(claims, claimMapping.email);
  if (typeof address !== 'string' || address.length > MAX_EMAIL_CHARACTERS || !EMAIL.test(address)) return null;
  const verified = readClaim(claims, claimMapping.emailVerified);
  const isVerified =
    verified === true ||
    (typeof verified === 'string' && getPreset(preset).emailVerifiedWords.includes(verified.toLowerCase()));
  return { address: address.toLowerCase(), isVerified };
}

/** Returns null for a list that is truncated or holds an invalid group: no user may lose a team because of it. */
function readGroups(claims: JsonObject, { claimMapping }: MappingRules): readonly string[] | null {
  // Entra's overage: more groups than fit, to be queried elsewhere.
  if (claims.hasgroups !== undefined) return null;
  if (isObject(claims._claim_names) && Object.hasOwn(claims._claim_names, 'groups')) return null;
  const groups = readClaim(claims, claimMapping.groups);
  if (typeof groups === 'string') return groups === '' ? [] : [groups];
  return Array.isArray(groups) && groups.every((each) => typeof each === 'string') ? groups : null;
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MAX_CHARACTERS && !UNSTORABLE.test(value);
