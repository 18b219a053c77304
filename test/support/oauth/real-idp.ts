/** An independent identity provider: oidc-provider with its own login pages, where any password is accepted. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type ClientMetadata } from 'oidc-provider';
import { makeKey } from './fake-idp.js';
import { PageBrowser, type PageLocation } from './page-browser.js';

export class RealIdp {
  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  /** `clients`: the registered clients. */
  static async start(clients: ClientMetadata[]): Promise<RealIdp> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { kid, privateKey } = await makeKey('RS256');
    quieten();
    const provider = new Provider(issuer, {
      clients,
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: kid!, alg: 'RS256', use: 'sig' }] },
      // The login is the person's name.
      findAccount: (_ctx, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: id, email_verified: true, name: id }),
      }),
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      conformIdTokenClaims: false,
      // The library's own fetch refuses addresses of this machine, where the gateway is.
      fetch: (url, { method, headers, body } = {}) => fetch(url, { method, headers, body }),
      cookies: { keys: ['a key for tests'] },
      features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return new RealIdp(issuer, server);
  }

  browser(): PageBrowser {
    return new PageBrowser(this.issuer);
  }

  /** Signs in as `login` and consents, and returns the URL that the browser is redirected to. */
  async signIn(browser: PageBrowser, url: URL, login: string): Promise<URL> {
    let place = await browser.go(url);
    for (let page = 0; place.url.origin === this.issuer && page < 5; page++) {
      if (place.status !== 200) throw new Error(`the provider answered ${place.status}: ${place.html}`);
      place = await browser.submit(place, /name="login"/.test(place.html) ? { login, password: 'any' } : {});
    }
    return place.url;
  }

  /** Signs out at the provider, which notifies all clients that have requested it. */
  async signOut(browser: PageBrowser): Promise<PageLocation> {
    return browser.submit(await browser.go(`${this.issuer}/session/end`), { logout: 'yes' });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Silences the repeated warning that such defaults are not meant for production. */
function quieten(): void {
  for (const level of ['info', 'warn'] as const) {
    const original = console[level].bind(console);
    console[level] = (...texts: unknown[]) => {
      if (!String(texts[0]).startsWith('oidc-provider ')) original(...texts);
    };
  }
}
