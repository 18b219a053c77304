/**
 * Makes one call on a socket and reads it byte by byte: deviations that an HTTP library would tolerate are errors here.
 */
import type { Socket } from 'node:net';
import type { HeaderList, WireClient } from './wire-client.js';

/** A response with chunked content (RFC 9112 §7.1), byte for byte. */
export interface RawResponse {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** The content, without its framing. */
  body: string;
  /** Sizes of all chunks but the last, which is empty. */
  chunkSizes: readonly number[];
  /** The response to the next request on the same connection. Begins immediately after `0\r\n\r\n`. */
  next: string;
}

const TIMEOUT_MS = 10_000;

/**
 * POSTs, waits for the terminating chunk and requests `/livez` on the same connection, which must respond to it and
 * send nothing else. Rejects for content without chunks, chunks of a wrong size, and a connection that ends early.
 */
export async function sendRaw(wire: WireClient, path: string, headers: HeaderList, body: string): Promise<RawResponse> {
  const socket = await wire.socket();
  const reader = new RawReader(socket);
  try {
    const sent = [['host', 'gateway.test'], ...headers, ['content-length', String(Buffer.byteLength(body))]];
    socket.write(`POST ${path} HTTP/1.1\r\n${sent.map((pair) => `${pair.join(': ')}\r\n`).join('')}\r\n${body}`);
    const [statusLine, ...lines] = (await reader.until('\r\n\r\n')).trimEnd().split('\r\n');
    const received = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    if (received['transfer-encoding'] !== 'chunked') throw new Error(`${statusLine}, and no chunks`);
    const chunks: Buffer[] = [];
    for (;;) {
      const size = await reader.until('\r\n');
      if (!/^[0-9a-f]+\r\n$/i.test(size)) throw new Error(`no size of a chunk: ${JSON.stringify(size)}`);
      const chunk = await reader.take(parseInt(size, 16));
      if ((await reader.take(2)).toString() !== '\r\n') throw new Error('a chunk longer than its size');
      if (chunk.length === 0) break;
      chunks.push(chunk);
    }
    socket.write('GET /livez HTTP/1.1\r\nhost: gateway.test\r\nconnection: close\r\n\r\n');
    return {
      status: Number(statusLine!.split(' ')[1]),
      headers: received,
      body: Buffer.concat(chunks).toString('latin1'),
      chunkSizes: chunks.map(({ length }) => length),
      next: await reader.rest(),
    };
  } finally {
    socket.destroy();
  }
}

class RawReader {
  #received = Buffer.alloc(0);
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** Reads up to and including `mark`. */
  async until(mark: string): Promise<string> {
    const end = await this.#wait(() => {
      const at = this.#received.indexOf(mark);
      return at < 0 ? null : at + mark.length;
    }, JSON.stringify(mark));
    return (await this.take(end)).toString('latin1');
  }

  async take(length: number): Promise<Buffer> {
    await this.#wait(() => (this.#received.length >= length ? length : null), `${length} bytes`);
    const taken = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return taken;
  }

  /** Reads until the other side closes. */
  async rest(): Promise<string> {
    await this.#wait(() => (this.#isOver ? 0 : null), 'the end of the connection');
    return this.#received.toString('latin1');
  }

  async #wait(probe: () => number | null, what: string): Promise<number> {
    const giveUpAt = Date.now() + TIMEOUT_MS;
    for (;;) {
      const found = probe();
      if (found !== null) return found;
      const left = giveUpAt - Date.now();
      if (this.#isOver || left <= 0) {
        throw new Error(`${what} did not come; what did: ${JSON.stringify(this.#received.toString('latin1'))}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
