/** Observes requests to LLM routes on the global `fetch`, which all clients use, without changing them. */
export interface SentRequest {
  method: string;
  url: string;
  headers: Headers;
  /** Empty without a body. */
  body: string;
}

const LLM_ROUTE = /^http:\/\/localhost:\d+\/v1\//;

export class SentRequests {
  readonly #seen: SentRequest[] = [];
  readonly #fetch = globalThis.fetch;

  constructor() {
    globalThis.fetch = async (input, init) => {
      const url = typeof input === 'string' || input instanceof URL ? String(input) : input.url;
      if (LLM_ROUTE.test(url)) {
        const request = typeof input === 'string' || input instanceof URL ? null : input;
        const method = init?.method ?? request?.method ?? 'GET';
        const headers = new Headers(init?.headers ?? request?.headers);
        const body = request ? await request.clone().text() : asText(init?.body);
        this.#seen.push({ method, url, headers, body });
      }
      return this.#fetch(input, init);
    };
  }

  get attempts(): number {
    return this.#seen.length;
  }

  last(): SentRequest {
    const last = this.#seen.at(-1);
    if (!last) throw new Error('the client has sent nothing');
    return last;
  }

  forget(): void {
    this.#seen.length = 0;
  }

  close(): void {
    globalThis.fetch = this.#fetch;
  }
}

function asText(body: unknown): string {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  throw new Error('a body of this kind cannot be listened to');
}
