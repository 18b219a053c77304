/** Checks a token's header (RFC 8725 §3). Pure. */
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import { getPreset } from '../presets/preset-registry.js';
import { SIGNATURE_ALGORITHMS } from '../trusted-issuer/signature-algorithms.js';
import { quote, type JsonObject } from '../trusted-issuer/token-json.js';
import { TokenRefusal } from '../trusted-issuer/token-refusal.js';

/** Keys that a token carries or points to, and switches of the format: honest providers use none of them. */
const FORBIDDEN = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c'];

const MAX_KID_CHARACTERS = 256;

/** @throws TokenRefusal `jwt_header_forbidden`, `jwt_malformed` or `jwt_type` */
export function checkHeader(header: JsonObject, provider: Pick<IdentityProvider, 'preset' | 'tokenTypes'>): string {
  const forbidden = FORBIDDEN.filter((name) => Object.hasOwn(header, name));
  if (forbidden.length > 0)
    throw new TokenRefusal('jwt_header_forbidden', `The header must not have ${forbidden.join(', ')}.`);
  const refusal = getPreset(provider.preset).findHeaderRefusal?.(header);
  if (refusal) throw refusal;
  const kid = readKeyId(header);
  const type = readType(header);
  const accepted = provider.tokenTypes.map(stripPrefix);
  if (!accepted.includes(type))
    throw new TokenRefusal('jwt_type', `typ is ${quote(header.typ)}; accepted: ${accepted.map(quote).join(', ')}.`);
  return `typ ${quote(header.typ)}, kid ${quote(kid ?? undefined)}`;
}

/** @throws TokenRefusal `jwt_algorithm` */
export function checkAlgorithm({ alg }: JsonObject, { algorithms }: Pick<IdentityProvider, 'algorithms'>): string {
  // Independently of the record, `none` and HMAC are never verifiable.
  const isAccepted = typeof alg === 'string' && algorithms.includes(alg) && SIGNATURE_ALGORITHMS.includes(alg);
  if (!isAccepted) throw new TokenRefusal('jwt_algorithm', `alg is ${quote(alg)}; accepted: ${algorithms.join(', ')}.`);
  return alg;
}

/** Returns the key's name: an opaque string, only for comparison. Null: none. */
export function readKeyId({ kid }: JsonObject): string | null {
  if (kid === undefined) return null;
  if (typeof kid === 'string' && kid !== '' && kid.length <= MAX_KID_CHARACTERS) return kid;
  throw new TokenRefusal('jwt_malformed', `kid is not a text of 1 to ${MAX_KID_CHARACTERS} characters.`);
}

function readType({ typ }: JsonObject): string {
  if (typ === undefined) return '';
  if (typeof typ !== 'string' || typ === '') throw new TokenRefusal('jwt_malformed', 'typ is not a text.');
  return stripPrefix(typ.toLowerCase());
}

/** RFC 7515 §4.1.9: `application/` may be omitted. */
const stripPrefix = (type: string): string => type.replace(/^application\//, '');
