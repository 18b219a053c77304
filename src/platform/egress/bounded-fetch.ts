import { GatewayError } from '../errors/gateway-error.js';
import type { EgressDispatcher, EgressHandler } from './egress-handler.js';
import { toUpstreamError } from './upstream-error.js';

export interface BoundedRequest {
  /** Default GET. */
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Lower-case names. */
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** Milliseconds from the call to the last byte. */
  timeoutMs: number;
  /** Maximum bytes of the response body. */
  maxBytes: number;
  /** The `accept` header. Default `application/json`. */
  accept?: string;
  /** Aborted when no caller waits for the response any longer. */
  signal?: AbortSignal;
  /**
   * Called before each chunk of the response is kept, for limits that several responses share; false if it is too much.
   */
  mayBuffer?: (bytes: number) => boolean;
}

export interface BoundedResponse {
  status: number;
  /** Lower-case names; a repeated header is joined with `, ` (RFC 9110 §5.3). */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/**
 * Sends one request and collects the response in memory. The URL has been checked; see Egress.fetchBounded for the
 * errors.
 */
export function performBoundedFetch(
  egress: EgressDispatcher,
  url: URL,
  request: BoundedRequest,
): Promise<BoundedResponse> {
  return new Promise((resolve, reject) => {
    const collector = new ResponseCollector(request, resolve, reject);
    egress.dispatch(
      url.origin,
      {
        path: url.pathname + url.search,
        method: request.method ?? 'GET',
        headers: {
          accept: request.accept ?? 'application/json',
          // A compressed response could be small on the wire and huge in memory.
          'accept-encoding': 'identity',
          ...request.headers,
        },
        body: request.body ?? null,
      },
      collector,
    );
  });
}

class ResponseCollector implements EgressHandler {
  readonly #timer: NodeJS.Timeout;
  #abort: ((reason?: Error) => void) | undefined;
  #failure: GatewayError | undefined;
  #status = 0;
  #headers: Record<string, string> = {};
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(
    private readonly request: BoundedRequest,
    private readonly resolve: (response: BoundedResponse) => void,
    private readonly reject: (error: GatewayError) => void,
  ) {
    this.#timer = setTimeout(() => this.#fail(createTimeoutError()), request.timeoutMs);
    this.#timer.unref();
    const { signal } = request;
    if (signal?.aborted) this.#fail(createAbortedError());
    else signal?.addEventListener('abort', this.#abandon);
  }

  readonly #abandon = (): void => this.#fail(createAbortedError());

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#failure !== undefined) abort(this.#failure);
  }

  onHeaders(status: number, rawHeaders: Buffer[]): boolean {
    if (status < 200) return true;
    this.#status = status;
    this.#headers = toRecord(rawHeaders);
    const announced = this.request.method === 'HEAD' ? 0 : Number(this.#headers['content-length'] ?? 0);
    if (announced > this.request.maxBytes) this.#fail(createTooLargeError(this.request.maxBytes));
    else if ((this.#headers['content-encoding'] ?? 'identity') !== 'identity') this.#fail(createEncodedError());
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    const { maxBytes, mayBuffer: mayKeep } = this.request;
    if (this.#bytes > maxBytes || mayKeep?.(chunk.length) === false) this.#fail(createTooLargeError(maxBytes));
    else this.#chunks.push(Buffer.from(chunk));
    return true;
  }

  onComplete(): void {
    this.#settle();
    this.resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }

  onError(error: Error): void {
    this.#settle();
    this.reject(toUpstreamError(error));
  }

  /** Rejects immediately, even if the request still waits for a connection. */
  #fail(error: GatewayError): void {
    this.#failure = error;
    this.#settle();
    this.reject(error);
    this.#abort?.(error);
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.request.signal?.removeEventListener('abort', this.#abandon);
  }
}

function toRecord(rawHeaders: Buffer[]): Record<string, string> {
  const record = Object.create(null) as Record<string, string>;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = String(rawHeaders[i]).toLowerCase();
    // RFC 9110 §5.5: field values are octets; latin1 keeps them.
    const value = rawHeaders[i + 1]!.toString('latin1');
    record[name] = name in record ? `${record[name]}, ${value}` : value;
  }
  return record;
}

function createTimeoutError(): GatewayError {
  return new GatewayError('upstream_timeout', 'The upstream service did not respond in time.', {
    reason: 'total_timeout',
  });
}

function createAbortedError(): GatewayError {
  return new GatewayError('bad_request', 'The client has disconnected.', { reason: 'client_aborted' });
}

function createTooLargeError(maxBytes: number): GatewayError {
  return new GatewayError(
    'upstream_unreachable',
    `The response of the upstream service is larger than ${maxBytes} bytes.`,
    {
      reason: 'response_too_large',
    },
  );
}

function createEncodedError(): GatewayError {
  return new GatewayError(
    'upstream_unreachable',
    'The upstream service compressed its response although the request forbids it.',
    {
      reason: 'response_encoded',
    },
  );
}
