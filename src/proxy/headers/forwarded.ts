/**
 * Selects the headers that pass in each direction. Unknown headers pass: vendors add and remove headers without notice.
 */
import { COMPANION_HEADER, CREDENTIAL_HEADERS, holdsCredential } from '../../auth/credentials/presented-credential.js';
import { EXPLAIN_HEADER } from '../call/explanations.js';

/** Headers of RFC 9110 §7.6.1, and those that older peers use the same way. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

const NOT_FORWARDED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...CREDENTIAL_HEADERS,
  COMPANION_HEADER,
  EXPLAIN_HEADER,
  'proxy-authorization',
  'proxy-authenticate',
  'cookie',
  'forwarded',
  'x-real-ip',
  'host',
  'content-length',
  'expect',
  // These would change the request's method without the gateway's knowledge.
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
]);

const NOT_RETURNED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'proxy-authenticate',
  'set-cookie',
  'alt-svc',
  'strict-transport-security',
  'x-request-id',
  'request-id',
  'server-timing',
  'content-length',
]);

export interface ForwardOptions {
  /** Whether the body is forwarded decompressed. */
  unpacked: boolean;
  /** Whether the response is metered, for which it must arrive uncompressed. */
  metered: boolean;
}

/**
 * Returns the client's headers without its credentials and hop-by-hop headers: flat name, value …; names in lower case.
 */
export function selectRequestHeaders(rawHeaders: readonly string[], options: ForwardOptions): string[] {
  const out: string[] = [];
  let perHop: string[] | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const value = rawHeaders[i + 1]!;
    if (name === 'connection') perHop = readPerHopNames(value, perHop);
    if (NOT_FORWARDED.has(name) || name.startsWith('x-forwarded-') || name.startsWith('x-archestra-')) continue;
    if (name === 'accept-encoding' && options.metered) continue;
    if (name === 'content-encoding' && options.unpacked) continue;
    // A gateway key or a token must not leave the gateway in an unexpected header either.
    if (holdsCredential(value) || isGatewayKeyLike(value)) continue;
    out.push(name, value);
  }
  if (options.metered) out.push('accept-encoding', 'identity');
  return perHop ? removeHeaders(out, perHop) : out;
}

const isGatewayKeyLike = (value: string): boolean =>
  (value.includes('arch') || value.includes('llm_')) && /^(?:bearer\s+)?(?:arch_|archestra_|llm_)/i.test(value);

/**
 * Returns the headers of a response for the client: flat name, value …. Without `content-length`, which the writer
 * sets.
 */
export function selectResponseHeaders(rawHeaders: readonly Buffer[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toString('latin1').toLowerCase();
    if (NOT_RETURNED.has(name) || name.startsWith('access-control-')) {
      // The provider's own id is needed for requests to its support.
      if (name === 'x-request-id' || name === 'request-id')
        out.push('x-upstream-request-id', rawHeaders[i + 1]!.toString('latin1'));
      continue;
    }
    out.push(name, rawHeaders[i + 1]!.toString('latin1'));
  }
  return out;
}

/** Whether the head of a response declares where it ends, by its length or by chunks. */
export function isDelimited(rawHeaders: readonly Buffer[]): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length !== 14 && name.length !== 17) continue;
    const lower = name.toString('latin1').toLowerCase();
    if (lower === 'content-length' || lower === 'transfer-encoding') return true;
  }
  return false;
}

/** Returns the value of a header in a flat list, or null. */
export function findHeader(headers: readonly string[], name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1]!;
  return null;
}

/** Returns the list without the named headers. */
export function removeHeaders(headers: readonly string[], names: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < headers.length; i += 2) if (!names.includes(headers[i]!)) out.push(headers[i]!, headers[i + 1]!);
  return out;
}

/** Returns `known` and the headers that `Connection` declares to end at this hop. */
function readPerHopNames(connection: string, known: string[] | null): string[] | null {
  const names = connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'keep-alive' && name !== 'close' && name !== 'upgrade');
  return names.length > 0 ? [...(known ?? []), ...names] : known;
}
