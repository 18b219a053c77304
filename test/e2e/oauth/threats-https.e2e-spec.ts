/** Behind a proxy that terminates TLS, as in deployments: PUBLIC_URL is https, requests arrive over http. */
import type { AdminClient } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { newPkce, OAuthDriver, OWNER, REDIRECT_URI } from '../../support/oauth/oauth-driver.js';
import { headingOf, PageBrowser } from '../../support/oauth/page-browser.js';

const ISSUER = 'https://gateway.example';

describe('a gateway with an https PUBLIC_URL', () => {
  let gateway: TestGateway;
  let admin: AdminClient;
  /** Paths below the issuer; sent over http. */
  let oauth: OAuthDriver;
  let clientId: string;
  beforeAll(async () => {
    gateway = await startGateway({ PUBLIC_URL: ISSUER });
    admin = gateway.admin;
    oauth = new OAuthDriver(ISSUER);
    clientId = (await new OAuthDriver(gateway.url).register()).body.client_id as string;
  });
  afterAll(() => gateway.close());

  const browser = (): PageBrowser => new PageBrowser(ISSUER, gateway.url);

  it('every advertised address starts with the https PUBLIC_URL', async () => {
    const metadata = (await (await fetch(`${gateway.url}/.well-known/oauth-authorization-server`)).json()) as object;
    for (const value of Object.values(metadata).flat())
      if (/^https?:/.test(String(value))) expect(String(value).startsWith(ISSUER)).toBe(true);
    const { body } = await admin.post('/api/users', { email: 'somebody@example.com' });
    expect(new URL(body.invitationUrl as string).origin).toBe(ISSUER);
    expect((await fetch(`${gateway.url}/api/me`)).headers.get('www-authenticate')).toContain(`"${ISSUER}/`);
  });

  it('cookies under https are Secure, and the session cookie has the prefix __Host-', async () => {
    const names = new Set<string>();
    const lines: string[] = [];
    const person = browser();
    const keep = (response: Response): Response => {
      lines.push(...response.headers.getSetCookie());
      return response;
    };
    const first = keep(await person.request(oauth.authorizeUrl(clientId, newPkce())));
    const page = await person.go(first.headers.get('location')!);
    expect(headingOf(page.html)).toBe('Sign in');
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)![1]!;
    const signedIn = keep(await person.request(page.url, { csrf, ...OWNER }));
    keep(await person.request(signedIn.headers.get('location')!));
    keep(await person.request('/account/sign-in'));
    for (const line of lines) {
      names.add(line.split('=')[0]!);
      for (const attribute of [/; httponly/i, /; samesite=lax/i, /; secure/i]) expect(line).toMatch(attribute);
      expect(line).toMatch(line.startsWith('__Host-') ? /; path=\/(?:;|$)/i : /; path=\/[^;]+/i);
      expect(line).not.toMatch(/; domain/i);
    }
    expect([...names].sort()).toEqual([
      '__Host-gatehouse_sid',
      '__Host-gatehouse_sid.sig',
      '__Secure-gatehouse_account',
      '__Secure-gatehouse_interaction',
      '__Secure-gatehouse_interaction.sig',
      '__Secure-gatehouse_resume',
      '__Secure-gatehouse_resume.sig',
    ]);
  });

  it('an authorization under https ends with a code and the https issuer', async () => {
    const person = browser();
    const { place, pages } = await oauth.through(person, await person.go(oauth.authorizeUrl(clientId, newPkce())));
    expect(pages).toEqual(['Sign in', 'Allow this app?']);
    expect(place.url.href.split('?')[0]).toBe(REDIRECT_URI);
    expect([place.url.searchParams.has('code'), place.url.searchParams.get('iss')]).toEqual([true, ISSUER]);
  });

  it('the session cookie requires its exact name, and changes require the https Origin', async () => {
    const person = browser();
    await oauth.through(person, await person.go(oauth.authorizeUrl(clientId, newPkce())));
    const sid = person.cookies.get('__Host-gatehouse_sid /')!.value;
    const me = (cookie: string) => fetch(`${gateway.url}/api/me`, { headers: { cookie } });
    expect((await me(`__Host-gatehouse_sid=${sid}`)).status).toBe(200);
    for (const name of ['gatehouse_sid', '__host-gatehouse_sid', '__Secure-gatehouse_sid'])
      expect([name, (await me(`${name}=${sid}`)).status]).toEqual([name, 401]);
    const post = async (origin: string): Promise<number> => {
      const headers = { cookie: `__Host-gatehouse_sid=${sid}`, 'content-type': 'application/json', origin };
      return (await fetch(`${gateway.url}/api/teams`, { method: 'POST', headers, body: '{"name":"a team"}' })).status;
    };
    for (const origin of [
      gateway.url,
      'http://gateway.example',
      'https://gateway.example:8443',
      `${ISSUER}.evil.example`,
    ])
      expect([origin, await post(origin)]).toEqual([origin, 403]);
    expect(await post(ISSUER)).toBe(201);
  });
});
