/** Attacks on the sign-in through an identity provider (RFC 9700 §4, OpenID Connect Core 1.0 §16). */
import type { Json } from '../../support/http/admin-client.js';
import { encode, FakeIdp, makeKey, type Claims, type SigningOptions } from '../../support/oauth/fake-idp.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { invite, type Invited } from '../../support/oauth/invited-user.js';
import { OAuthDriver, PUBLIC_APP } from '../../support/oauth/oauth-driver.js';
import { formOf, headingOf, type PageBrowser, type PageLocation } from '../../support/oauth/page-browser.js';
import { auditOf, castOf, sql, type Cast } from '../../support/gateway/people.js';
import { TokenEndpoint } from '../../support/oauth/token-endpoint.js';

const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };

let gateway: TestGateway;
let oauth: OAuthDriver;
let idp: FakeIdp;
let desk: TokenEndpoint;
let corp: Json;
let ada: Invited;
let cast: Cast;

beforeAll(async () => {
  idp = await FakeIdp.start();
  desk = await TokenEndpoint.start();
  gateway = await startGateway();
  oauth = new OAuthDriver(gateway.url);
  cast = await castOf(gateway);
  ada = await invite(gateway.admin, 'member', 'ada@corp.example');
  corp = await gateway.admin.create('/api/identity-providers', {
    ...{ providerId: 'corp', name: 'Corp', issuer: idp.issuer, audiences: ['api'], clientId: 'gatehouse' },
    ...{ emailLinkPolicy: 'verified_domain', verifiedDomains: ['corp.example'] },
  });
  const endpoints = { authorization: `${idp.issuer}/authorize`, token: desk.url, endSession: null };
  await sql(gateway, 'UPDATE identity_provider SET endpoints = $2 WHERE id = $1', [corp.id, endpoints]);
  await gateway.admin.patch(`/api/identity-providers/${corp.id}`, { name: 'Corp Login' });
}, 60_000);
afterAll(async () => {
  await gateway?.close();
  await idp?.close();
  await desk?.close();
});

interface Away {
  browser: PageBrowser;
  asked: Record<string, string>;
  /** Returns the address that the provider would redirect the browser to. */
  back(over?: Record<string, string | undefined>, path?: string): URL;
}

async function leave(browser = oauth.browser()): Promise<Away> {
  const { action, hidden } = formOf((await browser.go('/account')).html, /\/idp$/);
  const { url } = await browser.go(action, { ...hidden, provider: corp.id });
  const asked = Object.fromEntries(url.searchParams);
  const back: Away['back'] = (over = {}, path = '/auth/idp/corp/callback') => {
    const address = new URL(path, gateway.url);
    const parameters = { code: 'a-code', state: asked.state, iss: idp.issuer, ...over };
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) address.searchParams.set(name, value);
    return address;
  };
  return { browser, asked, back };
}

/** Returns a valid ID token for the present sign-in, except for `claims`. */
const idToken = ({ asked }: Away, claims: Claims = {}, options: SigningOptions = {}): string =>
  idp.token(
    {
      ...{ aud: 'gatehouse', sub: 'ada-there', nonce: asked.nonce, sid: 'session-there' },
      ...{ email: 'ada@corp.example', email_verified: true, ...claims },
    },
    options,
  );

async function arrive(
  claims: Claims = {},
  options: SigningOptions = {},
): Promise<PageLocation & { browser: PageBrowser }> {
  const away = await leave();
  desk.idToken = () => idToken(away, claims, options);
  return { ...(await away.browser.go(away.back())), browser: away.browser };
}

const isRefused = (place: PageLocation): void => {
  expect(place.status).toBeGreaterThanOrEqual(400);
  expect(headingOf(place.html)).toBe('Sign in');
};

const notBegun = (place: PageLocation): void => {
  expect(place.status).toBe(400);
  expect(place.html).toContain('not started in this browser');
};

const isSignedIn = async (browser: PageBrowser): Promise<boolean> =>
  headingOf((await browser.go('/account')).html) === 'Your account';

it('a valid IdP callback signs the user in, with a PKCE verifier at the token endpoint', async () => {
  const place = await arrive();
  expect(headingOf(place.html)).toBe('Your account');
  expect(desk.requests.at(-1)!.get('code_verifier')!.length).toBeGreaterThanOrEqual(43);
});

it.each([
  [['private_key_jwt', 'client_secret_post'], true],
  [['client_secret_basic'], false],
])('the secret for the IdP goes either into the form or into the header for %j', async (tokenAuthMethods, isInForm) => {
  const [{ endpoints }] = await sql<Json>(gateway, 'SELECT endpoints FROM identity_provider WHERE id = $1', [corp.id]);
  const named = async (endpointsNow: object, clientSecret: string | null): Promise<void> => {
    await sql(gateway, 'UPDATE identity_provider SET endpoints = $2 WHERE id = $1', [corp.id, endpointsNow]);
    await gateway.admin.patch(`/api/identity-providers/${corp.id}`, { clientSecret });
  };
  await named({ ...endpoints, tokenAuthMethods }, 'our secret at the provider');
  const asked = desk.requests.length;
  expect(headingOf((await arrive()).html)).toBe('Your account');
  expect(desk.requests.slice(asked).map((form) => form.has('client_secret'))).toEqual([isInForm]);
  await named(endpoints, null);
});

describe('the IdP callback', () => {
  it('an IdP callback with a missing, unknown or duplicate state is rejected without a token request', async () => {
    const away = await leave();
    const doubled = away.back();
    doubled.searchParams.append('state', away.asked.state!);
    const asked = desk.requests.length;
    for (const address of [away.back({ state: undefined }), away.back({ state: 'another' }), doubled])
      notBegun(await away.browser.go(address));
    expect(desk.requests).toHaveLength(asked);
  });

  it('an IdP callback is accepted only in its own browser (login CSRF, RFC 9700 §4.7)', async () => {
    const [mine, theirs] = [await leave(), await leave()];
    const victim = oauth.browser();
    desk.idToken = () => idToken(mine);
    notBegun(await victim.go(mine.back()));
    notBegun(await theirs.browser.go(mine.back()));
    expect(await isSignedIn(victim)).toBe(false);
    expect(headingOf((await mine.browser.go(mine.back())).html)).toBe('Your account');
  });

  it('an IdP callback is accepted once, even if it arrives five times concurrently', async () => {
    const away = await leave();
    desk.idToken = () => idToken(away);
    const asked = desk.requests.length;
    const answers = await Promise.all(Array.from({ length: 5 }, () => away.browser.request(away.back())));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400, 400]);
    expect(desk.requests).toHaveLength(asked + 1);
    notBegun(await away.browser.go(away.back()));
  });

  it('an IdP callback of another issuer is rejected without a token request (mix-up, RFC 9207)', async () => {
    const away = await leave();
    const asked = desk.requests.length;
    isRefused(await away.browser.go(away.back({ iss: 'https://evil.example' })));
    expect(desk.requests).toHaveLength(asked);
  });

  it('an IdP callback without iss is rejected if the provider’s metadata announces iss (RFC 9207 §2.4)', async () => {
    const path = `/api/identity-providers/${corp.id}`;
    const asked = desk.requests.length;
    const withoutIssuer = async (over: Record<string, string | undefined> = {}): Promise<PageLocation> => {
      const away = await leave();
      desk.idToken = () => idToken(away);
      return away.browser.go(away.back({ iss: undefined, ...over }));
    };
    const discoverAgain = async (): Promise<void> => {
      const { body } = await gateway.admin.patch(path, { jwksUrl: null });
      const endpoints = { ...body.endpoints, token: desk.url };
      await sql(gateway, 'UPDATE identity_provider SET endpoints = $2 WHERE id = $1', [corp.id, endpoints]);
      await gateway.admin.patch(path, { name: 'Corp Login' });
    };
    idp.metadata = { authorization_response_iss_parameter_supported: true };
    await discoverAgain();
    try {
      expect((await gateway.admin.get(path)).body.endpoints).toMatchObject({ issParameter: true });
      isRefused(await withoutIssuer());
      isRefused(await withoutIssuer({ iss: '' }));
      isRefused(await withoutIssuer({ code: undefined, error: 'access_denied' }));
      expect(desk.requests).toHaveLength(asked);
      expect(headingOf((await arrive()).html)).toBe('Your account');
    } finally {
      idp.metadata = { authorization_response_iss_parameter_supported: 'yes' };
      await discoverAgain();
      idp.metadata = {};
    }
    expect((await gateway.admin.get(path)).body.endpoints).toMatchObject({ issParameter: false });
    expect(headingOf((await withoutIssuer()).html)).toBe('Your account');
  });

  it('an IdP callback at the path of another provider is rejected', async () => {
    const away = await leave();
    notBegun(await away.browser.go(away.back({}, '/auth/idp/another/callback')));
  });

  it('an IdP callback without the cookies of the sign-in is rejected', async () => {
    const away = await leave();
    away.browser.cookies.clear();
    notBegun(await away.browser.go(away.back()));
  });

  it('an IdP callback with another sign-in’s code fails at its nonce (code injection, RFC 9700 §4.5)', async () => {
    const [mine, theirs] = [await leave(), await leave()];
    desk.idToken = () => idToken(theirs);
    isRefused(await mine.browser.go(mine.back()));
    desk.idToken = () => null;
    isRefused(await theirs.browser.go(theirs.back()));
  });
});

describe('the ID token of the provider', () => {
  it.each<[string, Claims, SigningOptions]>([
    ['another nonce', { nonce: 'another' }, {}],
    ['no nonce', { nonce: undefined }, {}],
    ['another audience', { aud: 'another-client' }, {}],
    ['the audience of access tokens', { aud: 'api' }, {}],
    ['a second audience', { aud: ['gatehouse', 'another-client'], azp: 'gatehouse' }, {}],
    ['another azp', { azp: 'another-client' }, {}],
    ['another issuer', { iss: 'https://evil.example' }, {}],
    ['no exp', { exp: undefined }, {}],
    ['an exp in the past', { exp: Math.floor(Date.now() / 1000) - 120 }, {}],
    ['the events of a logout token', { events: EVENTS }, {}],
    ['the algorithm none', {}, { header: { alg: 'none' } }],
    ['the algorithm HS256', {}, { header: { alg: 'HS256' } }],
    ['an embedded key', {}, { header: { jwk: {} } }],
    ['the type of an access token', {}, { header: { typ: 'at+jwt' } }],
  ])('an IdP’s ID token with %s is rejected and signs in no user', async (_, claims, options) => {
    const place = await arrive(claims, options);
    isRefused(place);
    expect(await isSignedIn(place.browser)).toBe(false);
  });

  it('an IdP’s ID token signed with a foreign key is rejected', async () => {
    isRefused(await arrive({}, { key: await makeKey('RS256', { kid: idp.signingKey.kid! }) }));
    isRefused(await arrive({}, { key: await makeKey('RS256') }));
  });

  it('an IdP’s ID token without a signature is rejected', async () => {
    const away = await leave();
    const [, payload] = idToken(away).split('.');
    desk.idToken = () => `${encode(JSON.stringify({ alg: 'none' }))}.${payload}.`;
    isRefused(await away.browser.go(away.back()));
  });

  it('an IdP’s ID token with a taken or unverified address links no user', async () => {
    isRefused(await arrive({ sub: 'new-1', email: ada.email, email_verified: false }));
    isRefused(await arrive({ sub: 'new-2' }));
    const reasons = (await auditOf(gateway, corp.id)).filter(({ action }) => action === 'user.sign_in_failed');
    expect(reasons.at(-1).after).toEqual({ method: 'idp', reason: 'user_not_linked' });
  });
});

describe('choice of the identity provider', () => {
  it('a provider of another organization is neither offered nor accepted for that organization’s app', async () => {
    const client = await cast.stranger.client.create('/api/llm-oauth-clients', {
      ...{ name: 'Theirs', grantType: 'authorization_code', redirectUris: ['https://app.example.com/callback'] },
    });
    const browser = oauth.browser();
    const over = { redirect_uri: 'https://app.example.com/callback' };
    const page = await browser.go(
      oauth.authorizeUrl(client.clientId, { verifier: '', challenge: 'c'.repeat(43) }, over),
    );
    expect(headingOf(page.html)).toBe('Sign in');
    expect(page.html).not.toContain('Corp Login');
    const { action, hidden } = formOf(page.html);
    expect((await browser.go(`${action}/idp`, { ...hidden, provider: corp.id })).status).toBe(404);
    const typed = await browser.submit(page, { email: 'ada@corp.example', password: '' });
    expect(typed.headers.get('refresh')).toBeNull();
  });

  it('the choice of a provider requires the page’s CSRF token and the browser’s own interaction', async () => {
    const browser = oauth.browser();
    const { action, hidden } = formOf((await browser.go('/account')).html, /\/idp$/);
    expect((await browser.go(action, { csrf: 'forged', provider: corp.id })).status).toBe(403);
    expect((await oauth.browser().go(action, { ...hidden, provider: corp.id })).status).toBe(404);
    expect((await oauth.browser().go(`${action}-done`)).status).toBe(404);
  });
});

describe('a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6)', () => {
  let count = 0;

  const logout = async (claims: Claims = {}, options: SigningOptions = {}) => {
    const token = idp.token(
      { aud: 'gatehouse', sub: 'ada-there', events: EVENTS, jti: `logout-${++count}`, ...claims },
      { ...options, header: { typ: 'logout+jwt', ...options.header } },
    );
    return { token, answer: await send(token) };
  };

  const send = (token: string, provider = 'corp'): Promise<Response> =>
    fetch(`${gateway.url}/auth/idp/${provider}/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    });

  it.each<[string, Claims, SigningOptions]>([
    ['another type', {}, { header: { typ: 'JWT' } }],
    ['another issuer', { iss: 'https://evil.example' }, {}],
    ['another audience', { aud: 'another-client' }, {}],
    ['a nonce', { nonce: 'x' }, {}],
    ['no events', { events: undefined }, {}],
    ['other events', { events: { 'https://evil.example': {} } }, {}],
    ['no jti', { jti: undefined }, {}],
    ['no iat', { iat: undefined }, {}],
    ['an exp in the past', { exp: Math.floor(Date.now() / 1000) - 120 }, {}],
    ['neither sub nor sid', { sub: undefined }, {}],
    ['no signature', {}, { header: { alg: 'none' } }],
  ])('a logout token with %s gets 400 and ends no session', async (_, claims, options) => {
    const { browser } = await arrive();
    const { answer } = await logout(claims, options);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
    expect(await isSignedIn(browser)).toBe(true);
  });

  it('a logout token with a subject ends all sessions from its provider', async () => {
    const [one, other, own] = [(await arrive()).browser, (await arrive({ sid: undefined })).browser, oauth.browser()];
    await oauth.through(own, await own.go('/account'), { person: ada });
    const { answer } = await logout();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await Promise.all([one, other, own].map(isSignedIn))).toEqual([false, false, true]);
  });

  it('a logout token with a sid ends only that session', async () => {
    const [one, other] = [(await arrive({ sid: 'one' })).browser, (await arrive({ sid: 'other' })).browser];
    expect((await logout({ sid: 'one' })).answer.status).toBe(200);
    expect(await Promise.all([one, other].map(isSignedIn))).toEqual([false, true]);
  });

  it('a replayed logout token gets 400 and ends no session', async () => {
    const { token, answer } = await logout();
    expect(answer.status).toBe(200);
    const { browser } = await arrive();
    expect((await send(token)).status).toBe(400);
    expect(await isSignedIn(browser)).toBe(true);
  });

  it('a logout request for an unknown provider or without a token gets 400', async () => {
    expect((await send('x', 'nobodys')).status).toBe(400);
    expect((await send('')).status).toBe(400);
  });

  it('a logout token keeps the tokens of OAuth clients', async () => {
    const { browser } = await arrive();
    const { clientId } = (await gateway.admin.create('/api/llm-oauth-clients', PUBLIC_APP)) as { clientId: string };
    const { tokens } = await oauth.userTokens({ clientId, browser, over: { scope: 'admin:read' } });
    expect((await logout()).answer.status).toBe(200);
    expect(await isSignedIn(browser)).toBe(false);
    expect((await gateway.admin.as(tokens.access_token as string).get('/api/me')).status).toBe(200);
  });
});
