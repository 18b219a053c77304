/**
 * The credential that came with a request, read from the places clients put it in. Which method it belongs to is
 * decided by its shape alone.
 */
import { GatewayError } from '../platform/errors/gateway-error.js';
import { tokenDigestKey } from '../platform/crypto/token-digest.js';

export interface PresentedCredential {
  readonly value: string;
  /** SHA-256 of the whole value, base64: what caches and counters are keyed by. */
  readonly digest: string;
  /** Whether it stood in `Authorization`. */
  readonly bearer: boolean;
  /** The passthrough virtual key of `X-Archestra-Virtual-Key`, if one was sent. */
  readonly companion: string | null;
}

/** What a route family says about where its clients put credentials. */
export interface CredentialPlaces {
  /** `x-api-key` wins over `Authorization` (Anthropic). Elsewhere two different values are a conflict. */
  apiKeyWins: boolean;
  /** `?key=` is read (Gemini). */
  queryKey: boolean;
}

export const COMPANION_HEADER = 'x-archestra-virtual-key';

/** Lower-case names of the headers that may carry a credential; none of them is ever forwarded as it came. */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
]);

/**
 * Reads the credential. Null when none was sent. Throws `credential_conflict` when two different ones were, and
 * `credential_invalid` for what cannot be one (another scheme than Bearer, white space inside).
 */
export function readCredential(
  rawHeaders: readonly string[],
  rawUrl: string,
  places: CredentialPlaces,
): PresentedCredential | null {
  let authorization: string | null = null;
  let other: string | null = null;
  let companion: string | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    // Only names of these lengths can be ours: spares lower-casing every header.
    const length = name.length;
    if (length !== 13 && length !== 9 && length !== 14 && length !== 7 && length !== 23) continue;
    const lower = name.toLowerCase();
    if (lower === 'authorization') authorization = same(authorization, bearerValue(rawHeaders[i + 1]!));
    else if (lower === 'x-api-key')
      other = places.apiKeyWins ? rawHeaders[i + 1]!.trim() || other : same(other, rawHeaders[i + 1]!);
    else if (lower === 'x-goog-api-key' || lower === 'api-key') other = same(other, rawHeaders[i + 1]!);
    else if (lower === COMPANION_HEADER) companion = same(companion, rawHeaders[i + 1]!);
  }
  const query = queryKey(rawUrl, places.queryKey);
  if (query !== null) other = same(other, query);
  const value = places.apiKeyWins
    ? (other ?? authorization)
    : other === null
      ? authorization
      : same(authorization, other);
  if (value === null) return companion === null ? null : { value: '', digest: '', bearer: false, companion };
  if (/[\s,]/.test(value)) {
    throw new GatewayError(
      'credential_invalid',
      'The credential holds white space or a comma. Send it alone, as `Authorization: Bearer <key>`.',
    );
  }
  return { value, digest: tokenDigestKey(value), bearer: value === authorization, companion };
}

function same(known: string | null, found: string): string | null {
  const value = found.trim();
  if (value === '') return known;
  if (known !== null && known !== value) {
    throw new GatewayError(
      'credential_conflict',
      'Two different credentials were sent. Send one of them, in one header.',
    );
  }
  return value;
}

function bearerValue(header: string): string {
  const text = header.trim();
  const space = text.indexOf(' ');
  if (space < 0) return text.toLowerCase() === 'bearer' ? '' : text;
  const scheme = text.slice(0, space).toLowerCase();
  if (scheme === 'bearer') return text.slice(space + 1);
  const advice = scheme.startsWith('aws4-')
    ? 'Requests signed with SigV4 are not accepted. Send a key as `Authorization: Bearer <key>`.'
    : 'Only the Bearer scheme is accepted. Send `Authorization: Bearer <key>`.';
  throw new GatewayError('method_not_accepted', advice);
}

/** A credential of ours in the query string would be written into somebody's log: refused on every route. */
const OURS_IN_QUERY = /[?&][^=&]*=(?:%20|\+)*(?:arch_|llm_(?:at|ut|rt|secret)_)/i;

function queryKey(rawUrl: string, accepted: boolean): string | null {
  const at = rawUrl.indexOf('?');
  if (at < 0) return null;
  const key = accepted ? new URLSearchParams(rawUrl.slice(at)).getAll('key') : [];
  if (new Set(key).size > 1)
    same(
      key[0]!,
      key.find((value) => value !== key[0])!,
    );
  if (!accepted && OURS_IN_QUERY.test(rawUrl)) {
    throw new GatewayError(
      'credential_wrong_header',
      'Credentials do not belong in a URL. Send it as `Authorization: Bearer <key>`.',
    );
  }
  return key[0] ?? null;
}

/** Whether `value` has at least two dots and a first segment that decodes to a JSON object: a JWS or JWE, whole or cut. */
export function isJwtShaped(value: string): boolean {
  const dot = value.indexOf('.');
  if (dot < 0 || value.indexOf('.', dot + 1) < 0) return false;
  try {
    const header: unknown = JSON.parse(Buffer.from(value.slice(0, dot), 'base64url').toString('utf8'));
    return header !== null && typeof header === 'object' && !Array.isArray(header);
  } catch {
    return false;
  }
}

/** Whether `value` is one of ours or an identity token by its shape: such a value never leaves for a provider. */
export function neverUpstream(value: string): boolean {
  return value.startsWith('arch_') || value.startsWith('llm_') || isJwtShaped(value);
}
