/** Which headers pass, each way. Everything unknown passes: vendors' headers come and go without asking us. */
import { COMPANION_HEADER, CREDENTIAL_HEADERS, holdsCredential } from '../auth/presented-credential.js';
import { EXPLAIN_HEADER } from './call-explanations.js';

/** RFC 9110 §7.6.1, and what older peers use alike. */
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
  // Would turn the request into another one behind our back.
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
  /** The body is forwarded unpacked. */
  unpacked: boolean;
  /** The answer is to be metered, so it must come unpacked too. */
  metered: boolean;
}

/** Flat name, value …, names lower-case: the client's headers without its credentials and without what ends at this hop. */
export function requestHeaders(rawHeaders: readonly string[], options: ForwardOptions): string[] {
  const out: string[] = [];
  let perHop: string[] | null = null;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const value = rawHeaders[i + 1]!;
    if (name === 'connection') perHop = namedIn(value, perHop);
    if (NOT_FORWARDED.has(name) || name.startsWith('x-forwarded-') || name.startsWith('x-archestra-')) continue;
    if (name === 'accept-encoding' && options.metered) continue;
    if (name === 'content-encoding' && options.unpacked) continue;
    // A key of ours or a token in a header that nobody would look for it in must not travel either.
    if (holdsCredential(value) || beginsLikeOurs(value)) continue;
    out.push(name, value);
  }
  if (options.metered) out.push('accept-encoding', 'identity');
  return perHop ? without(out, perHop) : out;
}

const beginsLikeOurs = (value: string): boolean =>
  (value.includes('arch') || value.includes('llm_')) && /^(?:bearer\s+)?(?:arch_|archestra_|llm_)/i.test(value);

/** Flat name, value … of an answer, for the client. `content-length` is left out: the writer knows it. */
export function responseHeaders(rawHeaders: readonly Buffer[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toString('latin1').toLowerCase();
    if (NOT_RETURNED.has(name) || name.startsWith('access-control-')) {
      // Theirs is of use to whoever asks the provider's support.
      if (name === 'x-request-id' || name === 'request-id')
        out.push('x-upstream-request-id', rawHeaders[i + 1]!.toString('latin1'));
      continue;
    }
    out.push(name, rawHeaders[i + 1]!.toString('latin1'));
  }
  return out;
}

/** Whether an answer with this head says where it ends, by its length or by chunks. */
export function isDelimited(rawHeaders: readonly Buffer[]): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length !== 14 && name.length !== 17) continue;
    const lower = name.toString('latin1').toLowerCase();
    if (lower === 'content-length' || lower === 'transfer-encoding') return true;
  }
  return false;
}

/** The value of a header in a flat list, or null. */
export function headerIn(headers: readonly string[], name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1]!;
  return null;
}

/** The list without the named headers. */
export function without(headers: readonly string[], names: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < headers.length; i += 2) if (!names.includes(headers[i]!)) out.push(headers[i]!, headers[i + 1]!);
  return out;
}

/** Headers that `Connection` declares to end at this hop. */
function namedIn(connection: string, known: string[] | null): string[] | null {
  const names = connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'keep-alive' && name !== 'close' && name !== 'upgrade');
  return names.length > 0 ? [...(known ?? []), ...names] : known;
}
