/** Calls the gateway as a client that controls every byte: exact paths, repeated headers, bodies that never end. */
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Json } from './admin-client.js';

/** Names and values in the order in which they are sent; a name may occur twice. */
export type HeaderList = readonly (readonly [string, string])[];

export interface WireResponse {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  text: string;
  /** The body as JSON, or undefined if it is not JSON. */
  json: Json;
  /** Whether the response ended as its framing requires; false when the connection broke before. */
  complete: boolean;
}

/** A response whose body is still arriving. */
export interface OpenResponse {
  status: number;
  headers: IncomingMessage['headers'];
  message: IncomingMessage;
  /** Returns the text received so far. */
  text(): string;
  /** Resolves when `part` has arrived; rejects after `withinMs`. */
  until(part: string, withinMs?: number): Promise<void>;
  /** Resolves when the response is over, complete or not. */
  ended: Promise<{ complete: boolean; text: string }>;
  /** Disconnects. */
  abort(): void;
}

export class WireClient {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  constructor(url: string) {
    this.port = Number(new URL(url).port);
  }

  /** Resolves with the whole response. Rejects only without a response head. */
  call(method: string, path: string, headers: HeaderList = [], body?: string | Buffer): Promise<WireResponse> {
    return new Promise((resolve, reject) => {
      const request = this.start(method, path, sized(headers, body), this.#agent);
      request.once('error', reject);
      request.once('response', (message) => {
        request.off('error', reject);
        request.on('error', () => undefined);
        void collected(message).then(resolve);
      });
      request.end(body);
    });
  }

  /** Resolves with the head of the response, while the body is still arriving. */
  open(method: string, path: string, headers: HeaderList = [], body?: string | Buffer): Promise<OpenResponse> {
    return new Promise((resolve, reject) => {
      const request = this.start(method, path, sized(headers, body));
      request.once('error', reject);
      request.once('response', (message) => {
        request.off('error', reject);
        request.on('error', () => undefined);
        resolve(opened(message, request));
      });
      request.end(body);
    });
  }

  /** Starts a request whose body the caller writes. */
  start(method: string, path: string, headers: HeaderList = [], agent?: Agent): ClientRequest {
    const flat = [['host', `${this.host}:${this.port}`] as const, ...headers].flat();
    return httpRequest({
      host: this.host,
      port: this.port,
      method,
      path,
      headers: flat as never,
      agent: agent ?? false,
    });
  }

  /**
   * Sends bytes unchanged and returns everything received until the other side closes, or nothing has arrived for
   * `quietMs` after the first bytes.
   */
  raw(bytes: string | Buffer, quietMs = 250): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, this.host);
      const chunks: Buffer[] = [];
      let quiet: NodeJS.Timeout | undefined;
      const limit = setTimeout(() => finish(), 10_000);
      const finish = (): void => {
        clearTimeout(quiet);
        clearTimeout(limit);
        socket.destroy();
        resolve(Buffer.concat(chunks).toString('latin1'));
      };
      socket.once('error', (error) => (chunks.length > 0 ? finish() : reject(error)));
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        clearTimeout(quiet);
        quiet = setTimeout(finish, quietMs);
      });
      socket.once('close', finish);
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    });
  }

  socket(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, this.host, () => resolve(socket));
      socket.once('error', reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Returns the status of each response in a socket's output. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}

/** Polls `probe` until it returns a truthy value; throws after `withinMs`. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  what: string,
  withinMs = 5_000,
): Promise<Exclude<T, false | undefined | null>> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found) return found as Exclude<T, false | undefined | null>;
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function sized(headers: HeaderList, body: string | Buffer | undefined): HeaderList {
  if (body === undefined || headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name)))
    return headers;
  return [...headers, ['content-length', String(Buffer.byteLength(body))]];
}

function collected(message: IncomingMessage): Promise<WireResponse> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('error', () => undefined);
    message.once('close', () => {
      const body = Buffer.concat(chunks);
      const text = body.toString('utf8');
      const { statusCode: status = 0, headers, complete } = message;
      resolve({ status, headers, body, text, json: parsed(text), complete });
    });
  });
}

function opened(message: IncomingMessage, request: ClientRequest): OpenResponse {
  let text = '';
  message.setEncoding('utf8');
  message.on('data', (chunk: string) => (text += chunk));
  message.on('error', () => undefined);
  const ended = new Promise<{ complete: boolean; text: string }>((resolve) => {
    message.once('close', () => resolve({ complete: message.complete, text }));
  });
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    message,
    text: () => text,
    until: async (part, withinMs) =>
      void (await eventually(() => text.includes(part), `"${part}" in the answer`, withinMs)),
    ended,
    abort: () => request.destroy(),
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
