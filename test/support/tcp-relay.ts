/** A TCP relay between the gateway and something it depends on, so that a test can break the way. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface TcpRelayOptions {
  /** Looks at what comes back on a connection that began with `opening`; false: it is dropped. */
  passes?: (opening: Buffer, chunk: Buffer) => boolean;
}

export class TcpRelay {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #broken = false;

  private constructor(host: string, port: number, { passes = () => true }: TcpRelayOptions) {
    this.#server = createServer((inner) => {
      this.#keep(inner);
      if (this.#broken) return void inner.destroy();
      let opening: Buffer | null = null;
      const outer = connect(port, host);
      this.#keep(outer);
      inner.on('data', (chunk: Buffer) => {
        opening ??= chunk;
        outer.write(chunk);
      });
      outer.on('data', (chunk: Buffer) => void (passes(opening ?? Buffer.alloc(0), chunk) && inner.write(chunk)));
      inner.once('close', () => outer.destroy());
      outer.once('close', () => inner.destroy());
    });
  }

  static async start(host: string, port: number, options: TcpRelayOptions = {}): Promise<TcpRelay> {
    const relay = new TcpRelay(host, port, options);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections and refuses new ones. */
  break(): void {
    this.#broken = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#broken = false;
  }

  async close(): Promise<void> {
    this.break();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#open.delete(socket));
  }
}
