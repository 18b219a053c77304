/**
 * A provider for the demo: a plain HTTP server with configurable responses, which records its requests.
 * It listens on loopback only.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  /** The request target with its query. */
  url: string;
  headers: IncomingHttpHeaders;
  rawHeaders: readonly string[];
  body: Buffer;
}

/** Responds to one request. It may leave `response` open. */
export type Responder = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

interface Route {
  matches: (method: string, path: string) => boolean;
  respond: Responder;
}

export class LocalServer {
  /** All requests so far, oldest first; added once the body has arrived. */
  readonly received: ReceivedRequest[] = [];
  readonly #routes: Route[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(): Promise<LocalServer> {
    const provider = new LocalServer();
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Later rules take precedence. `path` is matched without query. */
  on(method: string, path: string | RegExp, responder: Responder): this {
    const matches = (m: string, p: string): boolean =>
      (method === '*' || m === method) && (typeof path === 'string' ? p === path : path.test(p));
    this.#routes.unshift({ matches, respond: responder });
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the client disconnected
    }
    const { method = '', url = '', headers, rawHeaders } = request;
    const received = { method, url, headers, rawHeaders, body: Buffer.concat(chunks) };
    this.received.push(received);
    const path = url.split('?', 1)[0]!;
    const route = this.#routes.find(({ matches }) => matches(method, path));
    if (route) await route.respond(received, response);
    else
      await respondJson(404, {
        error: {
          message: `the fake provider has no ${method} ${path}`,
          type: 'invalid_request_error',
          param: null,
          code: null,
        },
      })(received, response);
  }
}

/** Responds with a JSON document. */
export function respondJson(status: number, body: unknown, headers: Record<string, string> = {}): Responder {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

/** Responds with server-sent events, each of which must end in an empty line. Writes one at a time, `delayMs` apart. */
export function respondEvents(
  chunks: readonly (string | Buffer)[],
  delayMs = 0,
  headers: Record<string, string> = {},
): Responder {
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    for (const chunk of chunks) {
      if (response.destroyed) return;
      response.write(chunk);
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
    response.end();
  };
}
