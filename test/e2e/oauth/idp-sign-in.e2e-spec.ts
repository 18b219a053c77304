/**
 * Sign-in through a company's own identity provider, an independent implementation, from the sign-in page to the
 * account page.
 */
import { startGateway, freePort, type TestGateway } from '../../support/gateway/gateway.js';
import { invite } from '../../support/oauth/invited-user.js';
import { OAuthDriver, OWNER } from '../../support/oauth/oauth-driver.js';
import { formOf, headingOf, type PageBrowser, type PageLocation } from '../../support/oauth/page-browser.js';
import { auditOf, sql } from '../../support/gateway/people.js';
import { RealIdp } from '../../support/oauth/real-idp.js';
import { eventually } from '../../support/http/wire-client.js';
import type { Json } from '../../support/http/admin-client.js';

const SECRET = 'the-secret-of-gatehouse-at-its-provider';

let gateway: TestGateway;
let oauth: OAuthDriver;
let idp: RealIdp;
let corp: Json;

beforeAll(async () => {
  gateway = await startGateway();
  const callback = { redirect_uris: [`${gateway.url}/auth/idp/corp/callback`] };
  idp = await RealIdp.start([
    {
      ...{ ...callback, client_id: 'gatehouse', client_secret: SECRET },
      backchannel_logout_uri: `${gateway.url}/auth/idp/corp/backchannel-logout`,
      backchannel_logout_session_required: true,
    },
    {
      ...{ ...callback, client_id: 'gatehouse-by-post', client_secret: SECRET },
      token_endpoint_auth_method: 'client_secret_post',
    },
  ]);
  oauth = new OAuthDriver(gateway.url);
  corp = await gateway.admin.create('/api/identity-providers', {
    ...{ providerId: 'corp', name: 'Corp Login', issuer: idp.issuer, audiences: ['api://gatehouse'] },
    ...{ clientId: 'gatehouse', clientSecret: SECRET },
    ...{ emailLinkPolicy: 'verified_domain', verifiedDomains: ['corp.example'] },
  });
}, 60_000);
afterAll(async () => {
  await gateway?.close();
  await idp?.close();
});

const change = (fields: object): Promise<Json> => gateway.admin.patch(`/api/identity-providers/${corp.id}`, fields);

const signInPage = (browser: PageBrowser): Promise<PageLocation> => browser.go('/account');

/** Presses the provider's button. */
function press(browser: PageBrowser, place: PageLocation, id: string = corp.id): Promise<PageLocation> {
  const { action, hidden } = formOf(place.html, /\/idp$/);
  return browser.go(action, { ...hidden, provider: id });
}

/** Walks from the account page through the provider and back. */
async function throughCorp(browser: PageBrowser, login: string, theirs = idp.browser()): Promise<PageLocation> {
  const away = await press(browser, await signInPage(browser));
  return browser.go(await idp.signIn(theirs, away.url, login));
}

const corpAudit = async (): Promise<Json[]> => auditOf(gateway, corp.id);

describe('the provider button on the sign-in page', () => {
  it('the provider button leads through the IdP and signs in the verified user', async () => {
    const ada = await invite(gateway.admin, 'member', 'ada@corp.example');
    const browser = oauth.browser();
    const page = await signInPage(browser);
    expect(page.html).toContain('Continue with <bdi>Corp Login</bdi>');
    const away = await press(browser, page);
    expect(away.url.href).toMatch(new RegExp(`^${idp.issuer}/auth\\?`));
    const asked = Object.fromEntries(away.url.searchParams);
    expect(asked).toMatchObject({
      ...{ client_id: 'gatehouse', response_type: 'code', scope: 'openid email profile', response_mode: 'query' },
      redirect_uri: `${gateway.url}/auth/idp/corp/callback`,
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]!.length).toBeGreaterThanOrEqual(43);
    const back = await idp.signIn(idp.browser(), away.url, 'ada@corp.example');
    expect(back.searchParams.get('iss')).toBe(idp.issuer);
    const place = await browser.go(back);
    expect(headingOf(place.html)).toBe('Your account');
    expect(place.html).toContain('ada@corp.example');
    const [entry] = (await auditOf(gateway, ada.id)).filter(({ action }) => action === 'user.sign_in');
    expect(entry.after).toMatchObject({ method: 'idp', identityProviderId: corp.id });
  });

  it('an IdP sign-in works with client_secret_post', async () => {
    await change({ clientId: 'gatehouse-by-post', clientSecret: SECRET });
    const place = await throughCorp(oauth.browser(), 'ada@corp.example');
    expect(headingOf(place.html)).toBe('Your account');
    await change({ clientId: 'gatehouse', clientSecret: SECRET });
  });

  it('an IdP sign-in resumes the app’s authorization request', async () => {
    const { body } = await oauth.register();
    const browser = oauth.browser();
    const pkce = { verifier: 'v'.repeat(43), challenge: '' };
    pkce.challenge = Buffer.from(
      await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pkce.verifier)),
    ).toString('base64url');
    const page = await browser.go(oauth.authorizeUrl(body.client_id, pkce, { scope: 'openid llm:proxy' }));
    const back = await idp.signIn(idp.browser(), (await press(browser, page)).url, 'ada@corp.example');
    const { place } = await oauth.through(browser, await browser.go(back));
    const answer = await oauth.redeem(body.client_id, place.url.searchParams.get('code')!, pkce.verifier);
    expect(answer.status).toBe(200);
    expect(answer.body.access_token).toMatch(/^llm_ut_/);
  });

  it('prompt=login of the app is passed to the IdP', async () => {
    const { body } = await oauth.register();
    const browser = oauth.browser();
    const page = await browser.go(
      oauth.authorizeUrl(body.client_id, { verifier: '', challenge: 'c'.repeat(43) }, { prompt: 'login' }),
    );
    expect((await press(browser, page)).url.searchParams.get('prompt')).toBe('login');
  });

  it('an IdP sign-in of an unknown, disabled or unlinked user gets one error page', async () => {
    const gone = await invite(gateway.admin, 'member', 'gone@corp.example');
    await gateway.admin.post(`/api/users/${gone.id}/disable`);
    const answers = await Promise.all(
      ['nobody@corp.example', 'gone@corp.example', 'someone@elsewhere.example'].map((login) =>
        throughCorp(oauth.browser(), login),
      ),
    );
    const texts = answers.map(({ html }) => /<div class="message error"[^>]*>(.*?)<\/div>/s.exec(html)?.[1]);
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('Corp Login has signed you in');
    for (const { url, status, html } of answers) {
      expect(url.pathname).toMatch(/^\/auth\/sign-in\/[\w-]+\/idp-done$/);
      expect(status).toBe(403);
      expect(headingOf(html)).toBe('Sign in');
    }
    const reasons = (await corpAudit()).filter(({ action }) => action === 'user.sign_in_failed');
    expect(reasons.map(({ after }) => after.reason)).toEqual(expect.arrayContaining(['user_not_linked']));
  });

  it('an IdP sign-in that was denied returns to the sign-in page', async () => {
    const browser = oauth.browser();
    const away = await press(browser, await signInPage(browser));
    const back = new URL(away.url.searchParams.get('redirect_uri')!);
    back.search = new URLSearchParams({
      ...{ error: 'access_denied', iss: idp.issuer },
      state: away.url.searchParams.get('state')!,
    }).toString();
    const place = await browser.go(back);
    expect(place.status).toBe(400);
    expect(place.html).toContain('Corp Login did not sign you in');
    const signedIn = await browser.submit(place, OWNER as unknown as Record<string, string>);
    expect(headingOf(signedIn.html)).toBe('Your account');
  });

  it('an unreachable token endpoint of the IdP gets 503, and a later sign-in works', async () => {
    const browser = oauth.browser();
    const away = await press(browser, await signInPage(browser));
    const back = await idp.signIn(idp.browser(), away.url, 'ada@corp.example');
    const [{ endpoints }] = await sql<Json>(gateway, 'SELECT endpoints FROM identity_provider WHERE id = $1', [
      corp.id,
    ]);
    expect(endpoints.tokenAuthMethods).toEqual(expect.arrayContaining(['client_secret_basic', 'client_secret_post']));
    const to = (token: string) =>
      sql(gateway, 'UPDATE identity_provider SET endpoints = $2 WHERE id = $1', [corp.id, { ...endpoints, token }]);
    await to(`http://127.0.0.1:${await freePort()}/token`);
    await change({ name: 'Corp Login' });
    const place = await browser.go(back);
    expect(place.status).toBe(503);
    expect(place.html).toContain('cannot be reached right now');
    await to(endpoints.token);
    await change({ name: 'Corp Login' });
    expect(headingOf((await throughCorp(browser, 'ada@corp.example')).html)).toBe('Your account');
  });
});

describe('discovery of the provider by e-mail address', () => {
  it('an address without a password leads to its domain’s provider with login_hint', async () => {
    const browser = oauth.browser();
    const place = await browser.submit(await signInPage(browser), { email: 'Anyone@Corp.Example', password: '' });
    expect(place.status).toBe(200);
    const url = new URL(/^0; url=(.*)$/.exec(place.headers.get('refresh')!)![1]!);
    expect(url.origin).toBe(idp.issuer);
    expect(url.searchParams.get('login_hint')).toBe('anyone@corp.example');
    expect(place.html).toContain('Continue with <bdi>Corp Login</bdi>');
    const end = await browser.go(await idp.signIn(idp.browser(), url, 'ada@corp.example'));
    expect(headingOf(end.html)).toBe('Your account');
  });

  it('the sign-in page asks for the password of an unclaimed domain’s address', async () => {
    const browser = oauth.browser();
    const place = await browser.submit(await signInPage(browser), { email: 'a@example.com', password: '' });
    expect(place.status).toBe(400);
    expect(place.html).toContain('Type your password');
  });
});

describe('enforced sign-in through the provider', () => {
  const byPassword = async (email: string, password: string): Promise<PageBrowser> => {
    const browser = oauth.browser();
    expect(headingOf((await attempt(email, password, browser)).html)).toBe('Your account');
    return browser;
  };
  const isIn = async (browser: PageBrowser): Promise<boolean> =>
    headingOf((await browser.go('/account')).html) === 'Your account';
  /** Signed in before sign-in through the provider is enforced. */
  let before: { password: PageBrowser; provider: PageBrowser; owner: PageBrowser; elsewhere: PageBrowser };

  beforeAll(async () => {
    const chief = await invite(gateway.admin, 'owner', 'chief@corp.example');
    const bob = await invite(gateway.admin, 'member', 'bob@other.example');
    const provider = oauth.browser();
    await throughCorp(provider, 'ada@corp.example');
    before = {
      password: await byPassword('ada@corp.example', 'member with a long password'),
      provider,
      owner: await byPassword(chief.email, chief.password),
      elsewhere: await byPassword(bob.email, bob.password),
    };
    await change({ enforceSignIn: true });
  });
  afterAll(() => change({ enforceSignIn: false }));

  it('enforceSignIn ends password sessions, except for owners and other domains', async () => {
    const { password, provider, owner, elsewhere } = before;
    expect([await isIn(password), await isIn(provider), await isIn(owner), await isIn(elsewhere)]).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  const attempt = async (email: string, password: string, browser = oauth.browser()): Promise<PageLocation> =>
    browser.submit(await signInPage(browser), { email, password });

  it('enforceSignIn sends right, wrong and unknown passwords alike to the provider', async () => {
    const answers = [
      await attempt('ada@corp.example', 'member with a long password'),
      await attempt('ada@corp.example', 'wrong'),
      await attempt('nobody@corp.example', 'wrong'),
    ];
    const bare = answers.map(({ html }) => html.replace(/(href=")http[^"]*/, '$1'));
    expect(new Set(bare).size).toBe(1);
    for (const { status, headers } of answers) {
      expect(status).toBe(200);
      expect(headers.get('refresh')).toContain(idp.issuer);
    }
    const [ada] = await sql<Json>(gateway, 'SELECT id FROM app_user WHERE email = $1', ['ada@corp.example']);
    const reasons = async () =>
      (await auditOf(gateway, ada.id))
        .filter(({ action }) => action === 'user.sign_in_failed')
        .map(({ after }) => after.reason as unknown);
    await eventually(async () => (await reasons()).length === 2, 'both failed sign-ins in the audit log');
    expect(await reasons()).toEqual(['sign_in_enforced', 'sign_in_enforced']);
  });

  it('enforceSignIn keeps password sign-in for owners and other domains', async () => {
    const owner = await invite(gateway.admin, 'owner', 'boss@corp.example');
    expect(headingOf((await attempt(owner.email, owner.password)).html)).toBe('Your account');
    expect(headingOf((await attempt(OWNER.email, OWNER.password)).html)).toBe('Your account');
  });

  it('an invitation under enforceSignIn verifies the address and sets no password', async () => {
    const user = await gateway.admin.create('/api/users', { email: 'new@corp.example', role: 'member' });
    const browser = oauth.browser();
    const page = await browser.go(user.invitationUrl as string);
    expect(headingOf(page.html)).toBe('You need no password here');
    const place = await browser.submit(page, { password: 'a password all the same' });
    expect(headingOf(place.html)).toBe('Sign in');
    const [row] = await sql<Json>(gateway, 'SELECT password_hash, email_verified_at FROM app_user WHERE id = $1', [
      user.id,
    ]);
    expect(row).toEqual({ password_hash: null, email_verified_at: expect.any(Date) });
    expect(headingOf((await throughCorp(browser, 'new@corp.example')).html)).toBe('Your account');
    expect((await browser.go(user.invitationUrl as string)).status).toBe(404);
  });
});

describe('back-channel logout (OpenID Connect Back-Channel Logout 1.0)', () => {
  it('a back-channel logout ends only the browser session of that provider session', async () => {
    const [mine, other, theirs] = [oauth.browser(), oauth.browser(), idp.browser()];
    await throughCorp(mine, 'ada@corp.example', theirs);
    await throughCorp(other, 'ada@corp.example');
    expect(headingOf((await mine.go('/account')).html)).toBe('Your account');
    await idp.signOut(theirs);
    expect(headingOf((await mine.go('/account')).html)).toBe('Sign in');
    expect(headingOf((await other.go('/account')).html)).toBe('Your account');
    const ended = await sql<Json>(gateway, "SELECT * FROM audit_entry WHERE action = 'browser_session.end'");
    expect(ended.at(-1)).toMatchObject({ actor_type: 'identity_provider', before: { identityProviderId: corp.id } });
  });
});
