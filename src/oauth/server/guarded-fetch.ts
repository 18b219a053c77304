import type { Egress } from '../../platform/egress/egress.js';

/** The library waits no longer itself. */
const TIMEOUT_MS = 2_500;
/** Key sets and metadata documents are small. */
const MAX_BYTES = 64 * 1024;

/** As much of a request as is heeded. */
interface Asked {
  method?: string;
  headers?: RequestInit['headers'];
  body?: unknown;
}

/**
 * A library's way out, through ours: addresses are checked and pinned, no redirect is followed, and what the library
 * passes besides (its own dispatcher) is left aside.
 */
export const guardedFetch =
  (egress: Egress, timeoutMs = TIMEOUT_MS) =>
  async (input: string | URL | Request, options: Asked = {}): Promise<Response> => {
    const url = input instanceof Request ? input.url : input;
    const { status, headers, body } = await egress.fetchBounded(url, {
      method: (options.method ?? 'GET') as 'GET',
      headers: Object.fromEntries(new Headers(options.headers)),
      ...bodyOf(options.body),
      timeoutMs,
      maxBytes: MAX_BYTES,
    });
    // A status without a body must not be given one (Fetch standard, "null body status").
    const hasBody = ![101, 204, 205, 304].includes(status);
    return new Response(hasBody ? new Uint8Array(body) : null, { status, headers: { ...headers } });
  };

/** Forms and texts: the libraries send nothing else. */
function bodyOf(body: unknown): { body?: string } {
  if (body === undefined || body === null) return {};
  if (typeof body === 'string' || body instanceof URLSearchParams) return { body: String(body) };
  throw new TypeError('only text can be sent');
}
