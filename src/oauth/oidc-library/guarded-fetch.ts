import type { Egress } from '../../platform/egress/egress.js';

/** The library's own timeout. */
const TIMEOUT_MS = 2_500;
/** Key sets and metadata documents are small. */
const MAX_BYTES = 64 * 1024;

/** The members of a request that are used. */
interface FetchOptions {
  method?: string;
  headers?: RequestInit['headers'];
  body?: unknown;
}

/**
 * Routes a library's requests through the guarded egress: it checks and pins addresses and follows no redirect. Other
 * options of the library (its own dispatcher) are ignored.
 */
export const createGuardedFetch =
  (egress: Egress, timeoutMs = TIMEOUT_MS) =>
  async (input: string | URL | Request, options: FetchOptions = {}): Promise<Response> => {
    const url = input instanceof Request ? input.url : input;
    const { status, headers, body } = await egress.fetchBounded(url, {
      method: (options.method ?? 'GET') as 'GET',
      headers: Object.fromEntries(new Headers(options.headers)),
      ...encodeBody(options.body),
      timeoutMs,
      maxBytes: MAX_BYTES,
    });
    // A response with such a status must have no body (Fetch standard, "null body status").
    const hasBody = ![101, 204, 205, 304].includes(status);
    return new Response(hasBody ? new Uint8Array(body) : null, { status, headers: { ...headers } });
  };

/** Supports forms and text: the libraries send nothing else. */
function encodeBody(body: unknown): { body?: string } {
  if (body === undefined || body === null) return {};
  if (typeof body === 'string' || body instanceof URLSearchParams) return { body: String(body) };
  throw new TypeError('only text can be sent');
}
