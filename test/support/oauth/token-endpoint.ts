/** A token endpoint beside a FakeIdp: returns what a test configures, and records its requests. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectBody } from '../../../src/proxy/request/body.js';

export class TokenEndpoint {
  /** The ID token for a code; null: `invalid_grant`. */
  idToken: (code: string) => string | null = () => null;
  readonly requests: URLSearchParams[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void collectBody(request, 65_536).then((body) => {
        const form = new URLSearchParams(body.toString());
        this.requests.push(form);
        const token = this.idToken(form.get('code') ?? '');
        const answer =
          token === null ? { error: 'invalid_grant' } : { access_token: 'x', token_type: 'Bearer', id_token: token };
        response
          .writeHead(token === null ? 400 : 200, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer));
      });
    });
  }

  static async start(): Promise<TokenEndpoint> {
    const desk = new TokenEndpoint();
    await new Promise<void>((resolve) => desk.#server.listen(0, '127.0.0.1', resolve));
    return desk;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
