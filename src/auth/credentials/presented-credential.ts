/**
 * Reads the credential of a request from the places where clients put it. Its shape alone decides which authentication
 * method it belongs to.
 */
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';

export interface PresentedCredential {
  readonly value: string;
  /** SHA-256 of the whole value, base64: the key of caches and counters. */
  readonly digest: string;
  /** Whether it was sent in `Authorization`. */
  readonly bearer: boolean;
  /** The passthrough virtual key of `X-Archestra-Virtual-Key`, if one was sent. */
  readonly companion: string | null;
  /**
   * Whether it is a browser's session cookie. Browsers attach it by themselves, no matter which page made the request.
   */
  readonly isCookie: boolean;
}

/** Where the clients of a route family put credentials. */
export interface CredentialSources {
  /** `x-api-key` wins over `Authorization` (Anthropic). Elsewhere two different values are a conflict. */
  readonly apiKeyWins: boolean;
  /** `?key=` is read (Gemini). */
  readonly queryKey: boolean;
  /** Name of the cookie that is read if no header carries a credential; absent: none is read. */
  readonly cookie?: string;
}

export const COMPANION_HEADER = 'x-archestra-virtual-key';

/** Lower-case names of the headers that may carry a credential. None of them is ever forwarded unchanged. */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
]);

/**
 * Includes characters that could disguise a gateway credential as a foreign one: a quote or a control character before
 * it.
 */
const INVALID_KEY_CHARACTERS = /[^\x21-\x7e]|[,"'`\\]/;

/**
 * Reads the credential. Returns null when none was sent. Throws `credential_conflict` when two different ones were
 * sent, `credential_invalid` for a value that cannot be one (white space inside), `method_not_accepted` for a scheme
 * other than Bearer, and `credential_wrong_header` for a credential in the URL.
 */
export function readCredential(
  rawHeaders: readonly string[],
  rawUrl: string,
  sources: CredentialSources,
): PresentedCredential | null {
  let authorization: string | null = null;
  let apiKey: string | null = null;
  let other: string | null = null;
  let companion: string | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    // Only names of these lengths can match. This avoids lower-casing every header.
    const length = name.length;
    if (length !== 13 && length !== 9 && length !== 14 && length !== 7 && length !== 23) continue;
    const lower = name.toLowerCase();
    if (lower === 'authorization') authorization = requireSame(authorization, readBearerValue(rawHeaders[i + 1]!));
    else if (lower === 'x-api-key') apiKey = requireSame(apiKey, rawHeaders[i + 1]!);
    else if (lower === 'x-goog-api-key' || lower === 'api-key') other = requireSame(other, rawHeaders[i + 1]!);
    else if (lower === COMPANION_HEADER) companion = requireSame(companion, rawHeaders[i + 1]!);
  }
  const query = readCredentialInUrl(rawUrl, sources.queryKey);
  if (query !== null) other = requireSame(other, query);
  const headerValue = apiKey === null ? other : requireSame(other, apiKey);
  const value =
    headerValue === null || (sources.apiKeyWins && apiKey !== null)
      ? (headerValue ?? authorization)
      : requireSame(authorization, headerValue);
  if (value === null && companion === null && sources.cookie !== undefined)
    return readSessionCookie(rawHeaders, sources.cookie);
  if (value === null) {
    return companion === null ? null : { value: '', digest: '', bearer: false, companion, isCookie: false };
  }
  if (INVALID_KEY_CHARACTERS.test(value)) {
    throw new GatewayError(
      'credential_invalid',
      'The credential holds white space, a comma, a quote or another character that no key has. Send it alone, as `Authorization: Bearer <key>`.',
    );
  }
  return { value, digest: computeTokenDigestKey(value), bearer: value === authorization, companion, isCookie: false };
}

/**
 * Reads the session cookie (RFC 6265 §4.2.1). Of several cookies with one name, browsers send the more specific one
 * first.
 */
function readSessionCookie(rawHeaders: readonly string[], name: string): PresentedCredential | null {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() !== 'cookie') continue;
    for (const pair of rawHeaders[i + 1]!.split(';')) {
      const equals = pair.indexOf('=');
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
      const value = pair.slice(equals + 1).trim();
      if (value !== '' && !INVALID_KEY_CHARACTERS.test(value))
        return { value, digest: computeTokenDigestKey(value), bearer: false, companion: null, isCookie: true };
    }
  }
  return null;
}

function requireSame(previous: string | null, candidate: string): string | null {
  const value = candidate.trim();
  if (value === '') return previous;
  if (previous !== null && previous !== value) {
    throw new GatewayError(
      'credential_conflict',
      'Two different credentials were sent. Send one of them, in one header.',
    );
  }
  return value;
}

function readBearerValue(header: string): string {
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

/** Matches every URL that contains a gateway credential, plain or escaped. */
const SUSPECT_URL = /arch(?:estra)?_|llm_|%|e[wy][\w-]+\./i;
/** In a query, even the beginning of a credential is refused. */
const GATEWAY_CREDENTIAL_IN_QUERY = /[?&][^&]*=\s*(?:Bearer\s+)?(?:arch_|archestra_|llm_(?:at|ut|rt|secret)_)/i;
/** Matches `key=` in any escaping. */
const KEY_PARAMETER = /([?&])(?:k|%6b)(?:e|%65)(?:y|%79)=[^&]*/gi;

/**
 * Returns the value of `?key=` on routes that read it. A credential anywhere else in a URL would be logged and
 * forwarded, so it is refused on every route.
 */
function readCredentialInUrl(rawUrl: string, mayReadKey: boolean): string | null {
  const query = mayReadKey ? rawUrl.indexOf('?') : -1;
  const keys = query < 0 ? [] : new URLSearchParams(rawUrl.slice(query)).getAll('key');
  if (hasCredentialInUrl(query < 0 ? rawUrl : rawUrl.replace(KEY_PARAMETER, '$1'))) {
    throw new GatewayError(
      'credential_wrong_header',
      'Credentials do not belong in a URL. Send it as `Authorization: Bearer <key>`.',
    );
  }
  let credential: string | null = null;
  for (const key of keys) credential = requireSame(credential, key);
  return credential;
}

/** Whether a URL, or a part of one, holds a credential that must not be forwarded or logged. */
export function hasCredentialInUrl(rawUrl: string): boolean {
  if (!SUSPECT_URL.test(rawUrl)) return false;
  const text = rawUrl
    .replaceAll('+', ' ')
    .replace(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)));
  return GATEWAY_CREDENTIAL_IN_QUERY.test(text) || holdsCredential(text);
}

/** Members of a JOSE header or of claims that identify a segment of a damaged token (RFC 7515 §4.1, RFC 7519 §4.1). */
const TOKEN_MEMBERS = ['iss', 'sub', 'aud', 'alg', 'kid'] as const;
const BASE64URL_SEGMENTS = /^[\w-]*(?:\.[\w-]*)*$/;
/** Base64url of text that begins with `{"`, `{ ` or `{` and a line break. */
const OBJECT_START = /^e[wy]/;
/** Length of the shortest base64url of an object with one of these members: `{"iss":1}` has nine bytes. */
const MIN_SEGMENT_CHARS = 12;

/**
 * Whether `value` has the shape of a JWS or JWE: at least two dots and a first segment that decodes to a JSON object.
 * Also true for a token that was damaged in transit: base64url segments between dots, one of which decodes to a JSON
 * object with a member of a JOSE header or of registered claims.
 */
export function isJwtShaped(value: string): boolean {
  const dot = value.indexOf('.');
  if (dot < 0 && !OBJECT_START.test(value)) return false;
  if (dot >= 0 && value.indexOf('.', dot + 1) >= 0 && decodeObject(value.slice(0, dot)) !== null) return true;
  if (!BASE64URL_SEGMENTS.test(value)) return false;
  return value.split('.').some((segment) => {
    if (segment.length < MIN_SEGMENT_CHARS) return false;
    const object = decodeObject(segment);
    return object !== null && TOKEN_MEMBERS.some((member) => Object.hasOwn(object, member));
  });
}

function decodeObject(segment: string): object | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Whether `value` has exactly two dots and otherwise only base64url characters. If an LLM proxy has identity providers
 * linked, such a value counts as one of their tokens that lost its header or claims.
 */
export const hasThreeSegments = (value: string): boolean => /^[\w-]*\.[\w-]*\.[\w-]*$/.test(value);

/** Prefix of Archestra's virtual keys. The gateway has none of them. */
const FOREIGN_KEY_PREFIX = 'archestra_';

/**
 * Whether `value` has the shape of a gateway credential or an identity token. Such a value is never sent to a provider.
 */
export function isForbiddenUpstream(value: string): boolean {
  return isKeyOfGateway(value) || value.startsWith('llm_') || isJwtShaped(value) || holdsCredential(value);
}

/** Whether `value` has the prefix of a virtual key, known or not. `arch_api_` is an admin API key. */
export const isKeyOfGateway = (value: string): boolean =>
  value.startsWith('arch_') || value.startsWith(FOREIGN_KEY_PREFIX);

const GATEWAY_CREDENTIAL = /(?<![A-Za-z0-9])(?:arch_|archestra_|llm_(?:at|ut|rt|secret)_)[\w-]{32}/;
/** Matches base64url of text that begins with `{"`, `{ ` or `{` and a line break, followed by two more segments. */
const JWT = /(?<![\w-])e[wy][\w-]+\.[\w-]*\.[\w-]*/g;

/** Whether `text` contains a gateway credential or an identity token anywhere: after a scheme, in quotes, in a list. */
export function holdsCredential(text: string): boolean {
  if ((text.includes('arch') || text.includes('llm_')) && GATEWAY_CREDENTIAL.test(text)) return true;
  const dot = text.indexOf('.');
  if (dot < 0 || text.indexOf('.', dot + 1) < 0) return false;
  return text.match(JWT)?.some(isJwtShaped) ?? false;
}
