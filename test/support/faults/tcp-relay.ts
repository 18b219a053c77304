/** A TCP relay between the gateway and one of its dependencies, so that a test can break the connection. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { listenDeafly, type BlackholeListener } from './blackhole-listener.js';

export interface TcpRelayOptions {
  /** Decides about data on a connection that began with `opening`; false: it is dropped. */
  passes?: (opening: Buffer, chunk: Buffer) => boolean;
}

/**
 * How the connection is broken, for existing and new connections. `refused`: the port is closed; `reset`: connections
 * are reset; `closed`: they are accepted and closed; `dropped`: packets on connections vanish, without response or
 * close; `unanswered`: all packets vanish, so that no connection is established.
 */
export const BREAKS = ['refused', 'reset', 'closed', 'dropped', 'unanswered'] as const;
export type Break = (typeof BREAKS)[number];

interface Pair {
  inner: Socket;
  outer: Socket | null;
}

export class TcpRelay {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #broken: Break | null = null;
  #deaf: BlackholeListener | null = null;
  #port = 0;
  #attempts = 0;

  private constructor(
    private readonly host: string,
    private readonly targetPort: number,
    private readonly options: TcpRelayOptions,
  ) {
    this.#server = createServer({ allowHalfOpen: false }, (inner) => this.#accept(inner));
  }

  static async start(host: string, port: number, options: TcpRelayOptions = {}): Promise<TcpRelay> {
    const relay = new TcpRelay(host, port, options);
    await relay.#listen();
    return relay;
  }

  /** Returns a relay to the URL's address, and the URL that leads through it. */
  static async before(url: string, defaultPort: number): Promise<{ relay: TcpRelay; url: string }> {
    const through = new URL(url);
    const relay = await TcpRelay.start(through.hostname, Number(through.port || defaultPort));
    through.hostname = '127.0.0.1';
    through.port = String(relay.port);
    return { relay, url: through.href };
  }

  get port(): number {
    return this.#port;
  }

  /** New connections attempted so far; refused ones cannot be counted. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Breaks existing and new connections. By default connections are accepted and closed. */
  async break(how: Break = 'closed'): Promise<void> {
    this.#broken = how;
    const closed = how === 'refused' ? new Promise((resolve) => this.#server.close(resolve)) : undefined;
    for (const pair of this.#pairs) this.#breakOff(pair, how);
    await closed;
    if (how === 'unanswered') {
      this.#server.close();
      this.#deaf = await listenDeafly(this.#port);
    }
  }

  /** Connections that lost packets stay broken: earlier connections are closed. */
  async mend(): Promise<void> {
    const was = this.#broken;
    this.#broken = null;
    if (vanishes(was)) for (const pair of this.#pairs) this.#end(pair);
    await this.#deaf?.stop();
    this.#deaf = null;
    if (was === 'refused' || was === 'unanswered') await this.#listen();
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) this.#end(pair);
    await this.#deaf?.stop();
    if (this.#broken !== 'refused' && this.#broken !== 'unanswered')
      await new Promise((resolve) => this.#server.close(resolve));
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #accept(inner: Socket): void {
    this.#attempts++;
    const pair: Pair = { inner, outer: null };
    this.#pairs.add(pair);
    inner.on('error', () => undefined);
    // While packets vanish, the other side does not learn of an end.
    inner.once('close', () => {
      if (!vanishes(this.#broken)) this.#end(pair);
    });
    if (this.#broken) return this.#breakOff(pair, this.#broken);
    const outer = (pair.outer = connect(this.targetPort, this.host));
    outer.on('error', () => undefined);
    outer.once('close', () => {
      if (!vanishes(this.#broken)) inner.destroy();
    });
    let opening: Buffer | null = null;
    const { passes = () => true } = this.options;
    inner.on('data', (chunk: Buffer) => {
      opening ??= chunk;
      if (!vanishes(this.#broken)) outer.write(chunk);
    });
    outer.on('data', (chunk: Buffer) => {
      if (!vanishes(this.#broken) && passes(opening ?? Buffer.alloc(0), chunk)) inner.write(chunk);
    });
  }

  #end(pair: Pair): void {
    pair.inner.destroy();
    pair.outer?.destroy();
    this.#pairs.delete(pair);
  }

  #breakOff({ inner }: Pair, how: Break): void {
    if (vanishes(how)) inner.resume();
    else if (how === 'reset') inner.resetAndDestroy();
    else inner.destroy();
  }
}

const vanishes = (how: Break | null): boolean => how === 'dropped' || how === 'unanswered';
