/**
 * An https server on loopback whose certificate this process trusts, for resources that the gateway fetches by https
 * only. The certificate in fixtures/tls names 127.0.0.1, 127.0.0.2 and localhost, and has no other use.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls, { type SecureContextOptions } from 'node:tls';

const fixture = (name: string): string => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8');
const CERT = fixture('loopback-cert.pem');

export interface HttpsResponse {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

export class HttpsServer {
  /** Requested paths, oldest first. */
  readonly requests: string[] = [];
  /** Connections, with or without a request. */
  connections = 0;
  readonly responses = new Map<string, () => HttpsResponse>();
  readonly #undo: () => void;

  private constructor(readonly server: Server) {
    this.#undo = trustFixture();
  }

  static async start(host = '127.0.0.1'): Promise<HttpsServer> {
    const server = createServer({ cert: CERT, key: fixture('loopback-key.pem') });
    const started = new HttpsServer(server);
    server.on('connection', () => started.connections++);
    server.on('request', ({ url = '' }, response) => {
      started.requests.push(url);
      const { status = 200, headers = {}, body = '' } = started.responses.get(url)?.() ?? { status: 404 };
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return started;
  }

  get url(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `https://${address}:${port}`;
  }

  async close(): Promise<void> {
    this.#undo();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Does what NODE_EXTRA_CA_CERTS does for a new process. */
function trustFixture(): () => void {
  const original = tls.createSecureContext;
  tls.createSecureContext = (options?: SecureContextOptions) => {
    const context = original(options);
    (context.context as { addCACert(pem: string): void }).addCACert(CERT);
    return context;
  };
  return () => void (tls.createSecureContext = original);
}
