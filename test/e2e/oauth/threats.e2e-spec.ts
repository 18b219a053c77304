/**
 * The threats of the authorization server, by the numbers of the table in docs/architecture/security-model.md, tested
 * from outside.
 */
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { PLACEHOLDER_SECRET } from '../../../src/oauth/registration/client-source.js';
import { computeTokenDigest } from '../../../src/platform/crypto/token-digest.js';
import type { Json } from '../../support/http/admin-client.js';
import { basic, newPkce, OAuthDriver, OWNER, PUBLIC_APP, REDIRECT_URI } from '../../support/oauth/oauth-driver.js';
import { formOf, headingOf, type PageBrowser, type PageLocation } from '../../support/oauth/page-browser.js';
import { familyOf, fromAnyone, startStage, type Stage } from '../../support/gateway/stage.js';
import { eventually } from '../../support/http/wire-client.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const PERSON = { email: 'mallory@example.com', password: 'another horse, another staple' };

let stage: Stage;
let oauth: OAuthDriver;
let issuer: string;
/** A client that registered itself. */
let clientId: string;

beforeAll(async () => {
  stage = await startStage({ FAILED_CREDENTIALS_PER_MINUTE: '10' });
  issuer = stage.gateway.url;
  oauth = new OAuthDriver(issuer);
  clientId = (await oauth.register()).body.client_id as string;
  await setPassword(await invite(PERSON.email), PERSON.password);
});
afterAll(() => stage.close());

const invite = async (email: string): Promise<string> => {
  const user = await stage.gateway.admin.create('/api/users', { email });
  return user.invitationUrl as string;
};
const setPassword = async (invitationUrl: string, password: string): Promise<PageLocation> => {
  const browser = oauth.browser();
  return browser.submit(await browser.go(invitationUrl), { password, passwordAgain: password });
};
/** Returns a new client address for the request, so that counters of others do not matter. */
const anyone = (): Record<string, string> => Object.fromEntries([fromAnyone()]);
const begin = (browser: PageBrowser, over: Record<string, string | undefined> = {}): Promise<PageLocation> =>
  browser.go(oauth.authorizeUrl(clientId, newPkce(), over));
const signIn = (browser: PageBrowser, place: PageLocation, person = PERSON): Promise<PageLocation> =>
  browser.submit(place, { ...person });
const application = (over: object = {}): Promise<Json> =>
  stage.gateway.admin.create('/api/llm-oauth-clients', {
    name: 'machine',
    grantType: 'client_credentials',
    scope: 'org',
    allowedLlmProxyIds: [stage.defaultProxyId],
    providerApiKeys: [{ provider: 'openai', providerApiKeyId: stage.providerKeyIds.openai }],
    ...over,
  });
const answersOf = async (response: Response): Promise<{ status: number; text: string; headers: Headers }> => ({
  status: response.status,
  text: await response.text(),
  headers: response.headers,
});

/** Creates a client as an administrator: errors of an authorization are redirected to it (RFC 6749 §4.1.2.1). */
const ofAdmin = async (over: object = {}): Promise<string> =>
  (await stage.gateway.admin.create('/api/llm-oauth-clients', { ...PUBLIC_APP, ...over })).clientId as string;

describe('TM4 mix-up', () => {
  it('every authorization response carries iss, errors included', async () => {
    const clientId = await ofAdmin();
    const metadata = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).toMatchObject({ issuer, authorization_response_iss_parameter_supported: true });
    const errors: Record<string, string>[] = [
      { prompt: 'none' },
      { scope: 'llm:proxy root' },
      { resource: 'https://elsewhere.example' },
      { response_type: 'token' },
      { code_challenge_method: 'plain' },
      { request_uri: 'https://elsewhere.example/request' },
    ];
    for (const over of errors) {
      const { url } = await begin(oauth.browser(), { client_id: clientId, ...over });
      // A request for a token in the URL (`response_type=token`) gets its error in the fragment, where the token would
      // be.
      const told = new URLSearchParams(url.hash === '' ? url.search : url.hash.slice(1));
      expect([over, url.origin, told.has('error'), told.get('iss')]).toEqual([
        over,
        new URL(REDIRECT_URI).origin,
        true,
        issuer,
      ]);
    }
    const browser = oauth.browser();
    const start = await begin(browser, { client_id: clientId });
    const { place } = await oauth.through(browser, start, { decision: 'deny' });
    expect(Object.fromEntries(place.url.searchParams)).toMatchObject({ error: 'access_denied', iss: issuer });
  });
});

describe('TM5 redirect URI tricks', () => {
  const registered = 'https://app.example.com/callback';
  const tricks = [
    'https://app.example.com/callback/',
    'https://app.example.com/callback2',
    'https://app.example.com/callback/../evil',
    'https://app.example.com/callback/%2e%2e/evil',
    'https://app.example.com/%63allback',
    'https://app.example.com/Callback',
    'https://APP.example.com/callback',
    'HTTPS://app.example.com/callback',
    'https://app.example.com:443/callback',
    'https://app.example.com:8443/callback',
    'https://app.example.com./callback',
    'https://app.example.com.evil.example/callback',
    'https://app.example.com@evil.example/callback',
    'https://user@app.example.com/callback',
    'https://app.example.com\\@evil.example/callback',
    'https://evil.example/callback?https://app.example.com/callback',
    'https://app.example.com/callback#x',
    'https://app.example.com/callback?x=1',
    'https://app.example.com//callback',
    'http://app.example.com/callback',
    'https://app.example.com/callback https://evil.example',
    ' https://app.example.com/callback',
    'https://app.example.com/callback%00',
    'https://app.example.com/callback\u0000',
    'https://app.example.com/callback\r\nx: y',
    '//app.example.com/callback',
    'javascript:alert(1)',
    '',
    undefined,
  ];

  it.each(tricks)('a redirect_uri of %j gets an error page instead of a redirect', async (redirect_uri) => {
    const id = (await oauth.register({ redirect_uris: [registered] })).body.client_id as string;
    const response = await oauth.browser().request(oauth.authorizeUrl(id, newPkce(), { redirect_uri }));
    const { status, text, headers } = await answersOf(response);
    expect([status, headers.get('location'), headingOf(text)]).toEqual([400, null, 'This did not work']);
    expect(text).not.toContain('evil.example');
  });

  it('the authorization endpoint accepts one registered redirect_uri and rejects two', async () => {
    const id = (await oauth.register({ redirect_uris: [registered] })).body.client_id as string;
    const good = oauth.authorizeUrl(id, newPkce(), { redirect_uri: registered });
    expect(headingOf((await oauth.browser().go(good)).html)).toBe('Sign in');
    good.searchParams.append('redirect_uri', 'https://evil.example/callback');
    const twice = await oauth.browser().request(good);
    expect([twice.status, twice.headers.get('location')]).toEqual([400, null]);
  });

  it.each([undefined, 'web', 'native'])(
    'a loopback redirect URI may use any port (application_type %s)',
    async (type) => {
      const uris = ['http://127.0.0.1/callback', 'http://localhost:1234/back', 'http://[::1]/callback'];
      const client = await oauth.register({ redirect_uris: uris, application_type: type });
      const heading = async (client: Json, redirect_uri: string): Promise<string> => {
        const url = oauth.authorizeUrl(client.body.client_id as string, newPkce(), { redirect_uri });
        return headingOf((await oauth.browser().go(url)).html);
      };
      for (const uri of ['http://127.0.0.1:49152/callback', 'http://localhost:49152/back', 'http://[::1]:1/callback'])
        expect([uri, await heading(client, uri)]).toEqual([uri, 'Sign in']);
      for (const other of [
        'http://127.0.0.2:49152/callback',
        'http://localhost:49152/callback',
        'http://127.0.0.1:49152/other',
        'https://127.0.0.1:49152/callback',
      ])
        expect([other, await heading(client, other)]).toEqual([other, 'This did not work']);
    },
  );
});

describe('TM7 forged sign-in and consent forms', () => {
  const refused = [403, 'This form was not sent from a page of this site'] as const;

  it.each(['sign-in', 'consent'])(
    'a %s form with a wrong CSRF token or foreign Origin is rejected with 403',
    async (which) => {
      const browser = oauth.browser();
      const first = await begin(browser, { prompt: 'consent' });
      const place = which === 'sign-in' ? first : await signIn(browser, first);
      const { action, hidden } = formOf(place.html);
      const typed: Record<string, string> = which === 'sign-in' ? { ...PERSON } : { decision: 'allow' };
      const other = formOf((await begin(oauth.browser())).html).hidden.csrf!;
      for (const csrf of ['', 'x', other, `${hidden.csrf} x`, `${hidden.csrf!}A`]) {
        const answer = await answersOf(await browser.request(action, { ...typed, csrf }));
        expect([csrf, answer.status, answer.text.includes(refused[1])]).toEqual([csrf, refused[0], true]);
      }
      for (const origin of [
        'https://evil.example',
        'null',
        issuer.replace('http:', 'https:'),
        `${issuer}.evil.example`,
      ]) {
        const answer = await sendForm(browser, action, { ...typed, ...hidden }, { origin });
        expect([origin, answer.status]).toEqual([origin, 403]);
      }
      // A link cannot replace the form.
      const link = await browser.request(`${action}?${new URLSearchParams({ ...typed, ...hidden }).toString()}`);
      expect([link.status, headingOf(await link.text())]).toEqual([200, headingOf(place.html)]);
      expect((await browser.request(action, { ...typed, ...hidden })).status).toBe(303);
    },
  );

  it('interaction cookies over http are HttpOnly, SameSite=Lax and bound to their path', async () => {
    const response = await oauth.browser().request(oauth.authorizeUrl(clientId, newPkce()));
    const lines = response.headers.getSetCookie();
    const uid = new URL(response.headers.get('location')!, issuer).pathname.split('/').at(-1)!;
    const named = (name: string): string => lines.find((line) => line.startsWith(`${name}=`))!;
    expect(named('gatehouse_interaction')).toContain(`path=/auth/sign-in/${uid};`);
    expect(named('gatehouse_resume')).toContain(`path=/api/auth/oauth2/authorize/${uid};`);
    for (const line of lines) {
      expect(line).toMatch(/; httponly/i);
      expect(line).toMatch(/; samesite=lax/i);
      expect(line).not.toMatch(/; secure|__Host-|__Secure-/i);
    }
    const without = await oauth.browser().request(`/auth/sign-in/${uid}`);
    expect(without.status).toBe(404);
  });

  it('the account callback accepts only the state and iss of its own browser', async () => {
    const [attacker, victim] = [oauth.browser(), oauth.browser()];
    const asked = await attacker.request('/account/sign-in');
    const state = new URL(asked.headers.get('location')!, issuer).searchParams.get('state')!;
    await victim.request('/account/sign-in');
    const callback = (values: Record<string, string>): string =>
      `/account/callback?${new URLSearchParams({ code: 'x', iss: issuer, ...values }).toString()}`;
    for (const browser of [oauth.browser(), victim]) {
      const answer = await browser.request(callback({ state }));
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    }
    for (const odd of ['', 'é'.repeat(state.length), state.slice(1), `${state}\u0000`])
      expect((await attacker.request(callback({ state: odd }))).status).toBe(400);
    expect((await attacker.request(callback({ state, iss: 'https://evil.example' }))).status).toBe(400);
    expect((await attacker.request(callback({ state }))).headers.get('location')).toBe('/account');
  });
});

describe('TM8 interactions of another browser or user', () => {
  it('a browser can neither answer nor resume an interaction that another browser began', async () => {
    const [attacker, victim] = [oauth.browser(), oauth.browser()];
    const theirs = await begin(attacker);
    const own = await begin(victim);
    for (const browser of [victim, oauth.browser()]) expect((await browser.request(theirs.url)).status).toBe(404);
    const answer = await victim.request(theirs.url, { ...formOf(theirs.html).hidden, ...PERSON });
    expect(answer.status).toBe(404);
    // Also not with the cookie of one's own interaction, sent to the other's page.
    const cookie = [...victim.cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; ');
    const crossed = await fetch(theirs.url, { headers: { cookie }, redirect: 'manual' });
    expect(crossed.status).toBe(404);
    const signedIn = await attacker.request(theirs.url, { ...formOf(theirs.html).hidden, ...PERSON });
    const resumed = await victim.go(signedIn.headers.get('location')!);
    expect([resumed.status, resumed.url.searchParams.get('code')]).toEqual([400, null]);
    expect(headingOf((await victim.go(own.url)).html)).toBe('Sign in');
  });

  it('a user cannot give the consent that another user was asked for', async () => {
    const browser = oauth.browser();
    const asked = await signIn(browser, await begin(browser, { prompt: 'consent' }));
    expect(headingOf(asked.html)).toBe('Allow this app?');
    const session = [...browser.cookies].filter(([, { name }]) => name.startsWith('gatehouse_sid'));
    const other = oauth.browser();
    await signIn(other, await begin(other, { prompt: 'consent' }), OWNER);
    for (const [key] of session) browser.cookies.set(key, other.cookies.get(key)!);
    const answer = await browser.request(asked.url, { ...formOf(asked.html).hidden, decision: 'allow' });
    expect(answer.status).toBe(303);
    const place = await browser.go(answer.headers.get('location')!);
    expect([place.status, headingOf(place.html)]).toEqual([400, 'This did not work']);
  });
});

describe('TM9 session fixation', () => {
  const sid = (browser: PageBrowser): string | undefined => browser.cookies.get('gatehouse_sid /')?.value;

  it('each sign-in sets a new session id, which the browser did not supply', async () => {
    const browser = oauth.browser();
    browser.cookies.set('gatehouse_sid /', { name: 'gatehouse_sid', value: 'planted-by-somebody', path: '/' });
    const first = await begin(browser, { prompt: 'login' });
    const before = sid(browser);
    await signIn(browser, first);
    const signedIn = sid(browser);
    expect(signedIn).toMatch(/^[\w-]{20,}$/);
    expect([before, 'planted-by-somebody']).not.toContain(signedIn);
    await signIn(browser, await begin(browser, { prompt: 'login' }));
    expect(sid(browser)).not.toBe(signedIn);
    const old = await fetch(`${issuer}/api/me`, { headers: { cookie: `gatehouse_sid=${signedIn}` } });
    expect(old.status).toBe(401);
    const now = await fetch(`${issuer}/api/me`, { headers: { cookie: `gatehouse_sid=${sid(browser)}` } });
    expect(now.status).toBe(200);
  });

  it('a sign-in that is unfinished when the password changes ends with 400 and no session', async () => {
    const person = { email: `${randomBytes(6).toString('hex')}@example.com`, password: 'the password of before' };
    const invitation = await invite(person.email);
    await setPassword(invitation, person.password);
    const browser = oauth.browser();
    const place = await begin(browser);
    const held = await browser.request(place.url, { ...formOf(place.html).hidden, ...person });
    expect(held.status).toBe(303);
    const [user] = await stage.sql<{ id: string }>('SELECT id FROM app_user WHERE email = $1', [person.email]);
    const again = await stage.gateway.admin.post(`/api/users/${user!.id}/invite`);
    await setPassword(again.body.invitationUrl as string, 'the password of after');
    const resumed = await browser.go(held.headers.get('location')!);
    expect([resumed.status, headingOf(resumed.html)]).toEqual([400, 'This did not work']);
    expect(await stage.sql('SELECT 1 FROM oauth_artifact WHERE user_id = $1', [user!.id])).toEqual([]);
  });
});

describe('TM10 framing', () => {
  it('every page and endpoint of the authorization server forbids framing', async () => {
    const browser = oauth.browser();
    const signInPage = await begin(browser, { prompt: 'consent' });
    const consentPage = await signIn(browser, signInPage);
    const answers: [string, Headers][] = [
      ['sign in', signInPage.headers],
      ['consent', consentPage.headers],
    ];
    expect([headingOf(signInPage.html), headingOf(consentPage.html)]).toEqual(['Sign in', 'Allow this app?']);
    const paths = [
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/api/auth/jwks',
      '/api/auth/oauth2/authorize',
      '/api/auth/oauth2/end-session',
      '/api/auth/oauth2/nothing',
      '/device',
      '/device?user_code=ABCD-EFGH',
      '/auth/sign-in/unknown',
      '/oauth/consent/unknown',
      '/auth/set-password?token=unknown',
      '/account',
      '/account/callback',
      '/api/docs',
      '/api/docs/errors/not_found',
      new URL(await invite('framed@example.com')).href,
    ];
    for (const path of paths) answers.push([path, (await browser.request(path)).headers]);
    for (const endpoint of ['token', 'register', 'revoke', 'introspect', 'userinfo', 'device', 'par'])
      answers.push([endpoint, (await oauth.post(endpoint, {}, anyone())).headers]);
    const found = answers
      .filter(([, headers]) => headers.get('location') === null)
      .map(([what, headers]) => [
        what,
        headers.get('x-frame-options'),
        headers.get('content-security-policy')?.includes("frame-ancestors 'none'"),
        headers.get('x-content-type-options'),
      ]);
    expect(found.length).toBeGreaterThan(18);
    expect(found.filter(([, ...rest]) => rest.join() !== 'DENY,true,nosniff')).toEqual([]);
  });
});

describe('TM11 leaks through pages and responses', () => {
  it('pages send no referrer elsewhere, are not cached and do not repeat rejected values', async () => {
    const place = await begin(oauth.browser());
    expect(place.headers.get('referrer-policy')).toBe('same-origin');
    expect(place.headers.get('cache-control')).toBe('no-store');
    const marks = ['state', 'nonce', 'login_hint', 'redirect_uri', 'client_id', 'code_challenge', 'request_uri'];
    const over = Object.fromEntries(marks.map((name) => [name, `told-${name}-<b>`]));
    const response = await oauth.browser().request(oauth.authorizeUrl(clientId, newPkce(), over));
    const { status, text, headers } = await answersOf(response);
    expect([status, headers.get('location'), headers.get('referrer-policy')]).toEqual([400, null, 'same-origin']);
    expect(text).not.toContain('told-');
    const secret = 'told-a-secret';
    for (const [endpoint, form] of [
      ['token', { grant_type: 'refresh_token', client_id: clientId, refresh_token: secret }],
      ['token', { grant_type: 'authorization_code', client_id: clientId, code: secret, code_verifier: secret }],
      ['token', { grant_type: secret, client_id: clientId }],
      ['revoke', { client_id: secret, token: secret }],
    ] as const) {
      const answer = await oauth.post(endpoint, { ...form }, anyone());
      expect(JSON.stringify(answer.body)).not.toContain(secret);
    }
  });
});

describe('TM15 guessing of client secrets', () => {
  it('a wrong secret, an unknown client and a public client get the same invalid_client response', async () => {
    const { clientId: known } = await application();
    const asked = [known as string, 'llm_oauth_unknown', randomBytes(16).toString('base64url')];
    const answers = await Promise.all(
      asked.map((id) =>
        oauth.token({ grant_type: 'client_credentials' }, { ...basic(id, 'llm_secret_wrong'), ...anyone() }),
      ),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect([answers[0]!.status, answers[0]!.body.error]).toEqual([401, 'invalid_client']);
  });

  it('after 100 wrong client secrets an address gets 429, except for a known client', async () => {
    const client = await application();
    const address = anyone();
    const ask = (secret: string) =>
      oauth.token({ grant_type: 'client_credentials' }, { ...basic(client.clientId as string, secret), ...address });
    expect((await ask(client.clientSecret as string)).status).toBe(200);
    const statuses: number[] = [];
    for (let i = 0; i < 108; i++) statuses.push((await ask(`llm_secret_${i}`)).status);
    expect([statuses.slice(0, 100).every((status) => status === 401), statuses.at(-1)]).toEqual([true, 429]);
    const late = await ask('llm_secret_late');
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(client.clientSecret as string)).status).toBe(200);
  });
});

describe('TM16 a leaked database', () => {
  it('stored digests, ids and secret placeholders are rejected as credentials', async () => {
    const client = await application();
    const { tokens, clientId: app } = await oauth.userTokens({ person: PERSON });
    const secret = client.clientSecret as string;
    const forms = (value: string): string[] =>
      (['hex', 'base64', 'base64url'] as const).map((form) => computeTokenDigest(value).toString(form));
    for (const tried of [PLACEHOLDER_SECRET, ...forms(secret), ...forms(secret).map((form) => `llm_secret_${form}`)]) {
      const answer = await oauth.token(
        { grant_type: 'client_credentials' },
        { ...basic(client.clientId as string, tried), ...anyone() },
      );
      expect([tried, answer.status]).toEqual([tried, 401]);
    }
    for (const tried of forms(tokens.refresh_token as string)) {
      const answer = await oauth.refresh(app, tried);
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
    }
    const rows = await stage.sql<{ id: string }>("SELECT id FROM oauth_artifact WHERE model = 'AccessToken'");
    const access = [...forms(tokens.access_token as string), ...rows.map(({ id }) => id)].map(
      (form) => `llm_ut_${form}`,
    );
    for (const tried of access) {
      const answer = await stage.chat(familyOf('openai'), [fromAnyone(), ['authorization', `Bearer ${tried}`]]);
      expect([tried, answer.status]).toEqual([tried, 401]);
    }
    const [session] = await stage.sql<{ hex: string; id: string }>(
      "SELECT encode(id_digest, 'hex') AS hex, id FROM oauth_artifact WHERE model = 'Session' AND user_id IS NOT NULL",
    );
    for (const tried of [session!.hex, session!.id]) {
      const answer = await fetch(`${issuer}/api/me`, { headers: { cookie: `gatehouse_sid=${tried}`, ...anyone() } });
      expect(answer.status).toBe(401);
    }
  });
});

describe('TM17 poisoned hosts', () => {
  const POISON =
    'X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n' +
    'X-Forwarded-Prefix: /evil\r\nX-Original-URL: /evil\r\nX-Forwarded-Server: evil.example\r\n' +
    'Forwarded: host=evil.example;proto=https\r\n';
  const ask = (line: string, { body = '', headers = '', host = 'evil.example' } = {}): Promise<string> =>
    stage.wire.raw(
      `${line} HTTP/1.1\r\nHost: ${host}\r\n${POISON}${headers}` +
        (body ? `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n` : '') +
        `Connection: close\r\n\r\n${body}`,
    );

  it('a poisoned Host or forwarding header changes no address in metadata, redirects, pages or cookies', async () => {
    const { pathname, search } = oauth.authorizeUrl(clientId, newPkce());
    const answers = await Promise.all([
      ask('GET /.well-known/oauth-authorization-server'),
      ask('GET /.well-known/openid-configuration'),
      ask('GET http://evil.example/.well-known/openid-configuration'),
      ask('GET /.well-known/oauth-protected-resource/v1/openai'),
      ask(`GET ${pathname}${search}`),
      ask(`GET http://evil.example${pathname}${search}`),
      ask('GET /device'),
      ask('GET /account'),
      ask('GET /account/sign-in'),
      ask('GET /api/auth/oauth2/end-session'),
      ask('GET /v1/openai/models'),
      ask('GET /api/me'),
      ask('GET /api/docs/openapi.json'),
      ask('POST /api/auth/oauth2/device', { body: `client_id=${clientId}` }),
      ask('POST /api/users', { headers: `Authorization: Bearer ${stage.gateway.adminKey}\r\n` }),
    ]);
    for (const answer of answers) {
      expect(answer).toMatch(/^HTTP\/1\.1 [2-4]/);
      expect(answer).not.toMatch(/evil|https:\/\/localhost|; secure/i);
    }
    expect(answers.filter((answer) => answer.includes(issuer)).length).toBeGreaterThan(5);
  });

  it('the token endpoint rejects a client assertion for the audience of a poisoned Host', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client = await application({ jwks: { keys: [publicKey.export({ format: 'jwk' })] } });
    const token = async (audience: string): Promise<string> => {
      const signed = await new SignJWT({ jti: randomBytes(8).toString('hex') })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(client.clientId as string)
        .setSubject(client.clientId as string)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('60s')
        .sign(privateKey);
      const form = {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: signed,
      };
      return (await ask('POST /api/auth/oauth2/token', { body: new URLSearchParams(form).toString() })).slice(0, 12);
    };
    expect(await token(`${issuer}/api/auth/oauth2/token`)).toBe('HTTP/1.1 200');
    for (const origin of ['http://evil.example', 'https://evil.example', issuer.replace('http:', 'https:')]) {
      expect(await token(`${origin}/api/auth/oauth2/token`)).toBe('HTTP/1.1 401');
      expect(await token(origin)).toBe('HTTP/1.1 401');
    }
  });
});

describe('TM18 outbound requests on behalf of strangers', () => {
  let server: Server;
  let connections = 0;
  beforeAll(async () => {
    server = createServer((socket) => {
      connections++;
      socket.on('error', () => undefined).destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('a client_id URL with a private address causes no connection', async () => {
    const { port } = server.address() as AddressInfo;
    const ask = async (client_id: string): Promise<number> => {
      const url = oauth.authorizeUrl(client_id, newPkce());
      return (await fetch(url, { redirect: 'manual', headers: anyone() })).status;
    };
    for (const host of [
      // UPSTREAM_ALLOWED_HOSTS lists it, for providers only.
      `127.0.0.1:${port}`,
      `127.0.0.2:${port}`,
      `[::1]:${port}`,
      `[::ffff:127.0.0.2]:${port}`,
      `0.0.0.0:${port}`,
      `2130706434:${port}`,
      `0x7f000002:${port}`,
      `127.2:${port}`,
      '10.0.0.1',
      '169.254.169.254',
      '[fe80::1]',
      'metadata.google.internal',
    ])
      expect([host, await ask(`https://${host}/client`), connections]).toEqual([host, 400, 0]);
    for (const odd of [`http://127.0.0.1:${port}/client`, `ftp://127.0.0.1:${port}/x`])
      expect([odd, await ask(odd), connections]).toEqual([odd, 400, 0]);
  });

  it('the URIs in a registration cause no connection', async () => {
    const { port } = server.address() as AddressInfo;
    const before = connections;
    const address = `https://127.0.0.1:${port}/x`;
    for (const member of ['jwks_uri', 'logo_uri', 'client_uri', 'policy_uri', 'tos_uri', 'initiate_login_uri'])
      expect((await oauth.register({ [member]: address })).status).toBeLessThan(500);
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      const { status, body } = await oauth.register({ sector_identifier_uri: `https://${host}:${port}/x` });
      expect([host, status, body]).toEqual([
        host,
        400,
        { error: 'invalid_client_metadata', error_description: 'the sector_identifier_uri could not be checked' },
      ]);
    }
    expect((await oauth.register({ request_uris: [address], software_statement: address })).status).toBeLessThan(500);
    expect(connections).toBe(before);
  });
});

describe('TM28 ambiguous requests', () => {
  it('the gateway rejects two credentials and two lengths, and escapes line breaks in state', async () => {
    const two = await stage.wire.call('GET', '/api/me', [
      ['authorization', `Bearer ${stage.gateway.adminKey}`],
      ['authorization', 'Bearer llm_ut_other'],
    ]);
    expect([two.status, two.json.code]).toEqual([400, 'credential_conflict']);
    const smuggled = await stage.wire.raw(
      'POST /api/auth/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
        'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    expect(smuggled).toMatch(/^HTTP\/1\.1 400 /);
    expect(smuggled.match(/HTTP\/1\.1/g)).toHaveLength(1);
    const state = 'a\r\nset-cookie: split=1';
    const url = oauth.authorizeUrl(await ofAdmin(), newPkce(), { prompt: 'none', state });
    const answer = await oauth.browser().request(url);
    expect(new URL(answer.headers.get('location')!).searchParams.get('state')).toBe(state);
    expect(answer.headers.getSetCookie().join()).not.toContain('split');
  });
});

describe('TM30 mass assignment', () => {
  it('a registration sets only the members that a public client may state', async () => {
    const [owner] = await stage.sql<{ id: string }>('SELECT id FROM app_user WHERE email = $1', [OWNER.email]);
    const answer = await oauth.register({
      client_id: owner!.id,
      client_secret: 'llm_secret_mine',
      client_secret_expires_at: 0,
      client_id_issued_at: 1,
      registration_access_token: 'mine',
      registration_client_uri: 'https://evil.example',
      organization_id: stage.organizationId,
      organizationId: stage.organizationId,
      owner_id: owner!.id,
      source: 'admin',
      version: 99,
      may_introspect: true,
      mayIntrospect: true,
      allowed_proxy_ids: [stage.defaultProxyId],
      allowedLlmProxyIds: [stage.defaultProxyId],
      bindings: { openai: stage.providerKeyIds.openai },
      token_lifetime_seconds: 86_400,
      last_used_at: '2026-01-01T00:00:00Z',
      is_disabled: false,
      trusted: true,
      __proto__x: 1,
    });
    expect(answer.status).toBe(201);
    const id = answer.body.client_id as string;
    expect(id).toMatch(/^llm_oauth_[\w-]{22}$/);
    for (const member of ['client_secret', 'registration_access_token', 'registration_client_uri'])
      expect(answer.body).not.toHaveProperty(member);
    const [row] = await stage.sql<Json>('SELECT * FROM oauth_client WHERE client_id = $1', [id]);
    expect(row).toMatchObject({
      organization_id: null,
      source: 'registration',
      owner_id: null,
      version: 1,
      may_introspect: false,
      allowed_proxy_ids: [],
      token_lifetime_seconds: null,
      last_used_at: null,
      grant_type: 'authorization_code',
    });
    expect(JSON.stringify(row)).not.toMatch(/mine|evil|86400|trusted/);
    expect(
      await stage.sql(
        'SELECT 1 FROM oauth_client_secret s JOIN oauth_client c ON c.id = s.oauth_client_id WHERE c.client_id = $1',
        [id],
      ),
    ).toEqual([]);
  });

  it.each([
    { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
    { grant_types: ['authorization_code', 'client_credentials'] },
    { grant_types: ['implicit'], response_types: ['id_token'] },
    { grant_types: ['password'] },
    { grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] },
    { token_endpoint_auth_method: 'client_secret_basic' },
    { token_endpoint_auth_method: 'client_secret_post' },
    { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } },
    { token_endpoint_auth_method: ['none'] },
    { response_types: ['token'] },
    { scope: 'llm:proxy root' },
    { redirect_uris: ['http://app.example.com/callback'] },
    { redirect_uris: ['https://app.example.com/callback#x'] },
    { redirect_uris: ['javascript:alert(1)'] },
    { redirect_uris: [['https://app.example.com/callback']] },
    { redirect_uris: 'https://app.example.com/callback' },
    { redirect_uris: Array.from({ length: 21 }, (_, i) => `https://app.example.com/${i}`) },
    { client_name: 'two\nlines' },
    { client_name: 'right \u202eto left' },
    { client_name: { toString: 'x' } },
    { client_name: 'x'.repeat(201) },
  ])('a registration with %j is rejected with 400', async (over) => {
    const answer = await oauth.register(over);
    expect([over, answer.status, typeof answer.body.error]).toEqual([over, 400, 'string']);
  });

  it('a registration cannot be read, changed or deleted', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await fetch(`${issuer}/api/auth/oauth2/register/${clientId}`, { method });
      expect([method, [401, 404].includes(answer.status)]).toEqual([method, true]);
    }
    expect(headingOf((await begin(oauth.browser())).html)).toBe('Sign in');
  });
});

describe('TM32 floods', () => {
  it('the authorization server rejects oversized bodies with 400 or 413', async () => {
    for (const endpoint of ['token', 'par', 'device', 'revoke', 'introspect']) {
      const answer = await oauth.post(endpoint, { client_id: clientId, x: 'x'.repeat(100_000) }, anyone());
      expect([endpoint, answer.status]).toEqual([endpoint, 400]);
    }
    expect((await oauth.register({ contacts: ['x'.repeat(100_000)] })).status).toBe(400);
    const browser = oauth.browser();
    const place = await begin(browser);
    const huge = await browser.request(place.url, { ...formOf(place.html).hidden, email: 'x'.repeat(1_100_000) });
    expect(huge.status).toBe(413);
  });

  it.each([
    ['authorize', 600],
    ['par', 600],
    ['device', 600],
  ] as const)('the %s endpoint serves %d requests a minute from one address', async (endpoint, most) => {
    const address = anyone();
    // The limit counts requests, valid or not.
    const ask = () =>
      endpoint === 'authorize'
        ? fetch(`${issuer}/api/auth/oauth2/authorize`, { headers: address, redirect: 'manual' })
        : oauth.post(endpoint, {}, address);
    let statuses: number[] = [];
    while (statuses.length < most + 10)
      statuses = statuses.concat(await Promise.all(Array.from({ length: 61 }, async () => (await ask()).status)));
    expect(statuses.filter((status) => status !== 429)).toHaveLength(most);
    const refused = await ask();
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
  });

  it('the registration endpoint serves 120 registrations an hour from one address', async () => {
    const address = anyone();
    const register = () =>
      fetch(`${issuer}/api/auth/oauth2/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...address },
        body: JSON.stringify({ redirect_uris: [REDIRECT_URI] }),
      });
    const answers = await Promise.all(Array.from({ length: 125 }, register));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(120);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  });
});

describe('TM33 phishing clients', () => {
  it('a self-registered client gets no admin scope, by scope, resource or device flow', async () => {
    for (const over of [
      { scope: 'admin:read' },
      { scope: 'openid admin:write' },
      { scope: undefined, resource: `${issuer}/api` },
    ]) {
      const place = await begin(oauth.browser(), over);
      expect([over, place.url.origin, place.status]).toEqual([over, issuer, 400]);
      expect(place.html).toContain('<code>invalid_scope</code>');
    }
    const device = (await oauth.register({ grant_types: [DEVICE_GRANT], redirect_uris: [], response_types: [] })).body;
    const asked = await oauth.post('device', { client_id: device.client_id as string, scope: 'admin:read' });
    expect([asked.status, asked.body.error]).toEqual([400, 'invalid_scope']);
  });

  it('the consent page marks a self-registered client as unverified and escapes its name', async () => {
    const name = 'Official IDE</h2><script>alert(1)</script>';
    const uri = 'https://ide.evil.example/callback';
    const id = (await oauth.register({ client_name: name, redirect_uris: [uri] })).body.client_id as string;
    const browser = oauth.browser();
    const first = await browser.go(oauth.authorizeUrl(id, newPkce(), { redirect_uri: uri }));
    const { html } = await signIn(browser, first);
    expect(headingOf(html)).toBe('Allow this app?');
    expect(html).toContain('ide.evil.example');
    expect(html).toMatch(/not (?:been )?(?:verified|checked)|unverified|registered itself/i);
    expect(html).not.toContain('<script>');
    expect(html).toContain('Official IDE&lt;/h2');
  });
});

describe('TM34 device codes', () => {
  const device = async (): Promise<Json> => {
    const grants = { grant_types: [DEVICE_GRANT], redirect_uris: [], response_types: [] };
    const id = (await oauth.register({ client_name: 'A television', ...grants })).body.client_id as string;
    const { body } = await oauth.post('device', { client_id: id }, { 'x-forwarded-for': '203.0.113.7' });
    return { ...body, clientId: id };
  };

  it('a user code is eight unambiguous letters, and its page shows device and address', async () => {
    const asked = await device();
    expect(asked.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(asked.expires_in).toBe(600);
    const browser = oauth.browser();
    // A link from another person fills in the code, and no more.
    const linked = await browser.go(asked.verification_uri_complete as string);
    expect(headingOf(linked.html)).toBe('Connect a device');
    const { html } = await browser.submit(linked, { user_code: asked.user_code as string });
    for (const shown of ['Is this your device?', asked.user_code as string, 'A television', '203.0.113.7'])
      expect(html).toContain(shown);
    const poll = { grant_type: DEVICE_GRANT, client_id: asked.clientId, device_code: asked.device_code };
    expect((await oauth.token(poll)).body.error).toBe('authorization_pending');
  });

  it('the database stores no plain digest of a user code', async () => {
    const asked = await device();
    const [row] = await stage.sql<{ digest: string }>(
      `SELECT encode(user_code_digest, 'hex') AS digest FROM oauth_artifact
        WHERE model = 'DeviceCode' AND client_id = $1`,
      [asked.clientId],
    );
    expect(row!.digest).toMatch(/^[0-9a-f]{64}$/);
    const shown = asked.user_code as string;
    const plain = [shown, shown.replace('-', '')].map((code) => computeTokenDigest(code).toString('hex'));
    expect(plain).not.toContain(row!.digest);
  });

  it.each(['one after another', 'concurrently'])(
    'a guesser of user codes is limited to ten a minute (%s)',
    async (how) => {
      const address = anyone();
      const browser = oauth.browser();
      const { action, hidden } = formOf((await browser.go('/device')).html);
      const guess = async (): Promise<number> => {
        const user_code = Array.from(randomBytes(8), (byte) => 'BCDFGHJKLMNPQRSTVWXZ'[byte % 20]!).join('');
        return (await sendForm(browser, action, { ...hidden, user_code }, address)).status;
      };
      const statuses: number[] = [];
      if (how === 'concurrently') statuses.push(...(await Promise.all(Array.from({ length: 30 }, guess))));
      else for (let i = 0; i < 15; i++) statuses.push(await guess());
      expect(statuses.filter((status) => status !== 429)).toHaveLength(10);
    },
  );
});

describe('TM37 tokens of the wrong kind', () => {
  it('a client token does not act as a user, and a swapped prefix gets 401', async () => {
    const client = await application();
    const own = await oauth.clientToken(client as { clientId: string; clientSecret: string });
    const bearer = { authorization: `Bearer ${own.body.access_token as string}` };
    expect((await fetch(`${issuer}/api/auth/oauth2/userinfo`, { headers: bearer })).status).toBe(401);
    expect((await fetch(`${issuer}/api/me`, { headers: bearer })).status).toBe(401);
    const { tokens } = await oauth.userTokens({ person: PERSON });
    const swapped = [
      (own.body.access_token as string).replace('llm_at_', 'llm_ut_'),
      (tokens.access_token as string).replace('llm_ut_', 'llm_at_'),
      (tokens.refresh_token as string).replace('llm_rt_', 'llm_ut_'),
      tokens.refresh_token as string,
    ];
    for (const token of swapped) {
      const answer = await stage.chat(familyOf('openai'), [fromAnyone(), ['authorization', `Bearer ${token}`]]);
      expect([token.slice(0, 7), answer.status]).toEqual([token.slice(0, 7), 401]);
    }
    const [user] = await stage.sql<{ id: string }>('SELECT id FROM app_user WHERE email = $1', [PERSON.email]);
    const asClient = await oauth.token({ grant_type: 'client_credentials', client_id: user!.id }, anyone());
    expect(asClient.status).toBe(401);
  });
});

describe('TM38 oracles', () => {
  it('introspection and revocation answer alike for a token of another client and an unknown token', async () => {
    const { tokens } = await oauth.userTokens({ person: PERSON });
    const client = await application();
    const proof = basic(client.clientId as string, client.clientSecret as string);
    const answers = async (token: string) => [
      await oauth.post('introspect', { token }, proof),
      await oauth.post('revoke', { token }, proof),
      await oauth.post('revoke', { token, client_id: clientId }),
    ];
    for (const token of [tokens.access_token, tokens.refresh_token] as string[]) {
      const of = (list: Awaited<ReturnType<typeof answers>>) => list.map(({ status, body }) => [status, body]);
      const unknown = `${token.slice(0, 7)}${randomBytes(32).toString('base64url')}000000`;
      expect(of(await answers(token))).toEqual(of(await answers(unknown)));
    }
    const call = await stage.chat(familyOf('openai'), [['authorization', `Bearer ${tokens.access_token as string}`]]);
    expect(call.status).toBe(200);
  });
});

describe('TM42 open redirects', () => {
  it('the end-session endpoint redirects only to a registered post_logout_redirect_uri', async () => {
    const registered = 'https://app.example.com/out';
    const id = await ofAdmin({ postLogoutRedirectUris: [registered] });
    const out = async (values: Record<string, string>): Promise<PageLocation> => {
      const browser = oauth.browser();
      await signIn(browser, await begin(browser));
      const place = await browser.go(`/api/auth/oauth2/end-session?${new URLSearchParams(values).toString()}`);
      return place.status === 200 ? browser.submit(place, { logout: 'yes' }) : place;
    };
    const good = await out({ client_id: id, post_logout_redirect_uri: registered });
    expect([good.status, good.url.href]).toEqual([0, registered]);
    for (const values of [
      { client_id: id, post_logout_redirect_uri: `${registered}/` },
      { client_id: id, post_logout_redirect_uri: 'https://evil.example' },
      { post_logout_redirect_uri: registered },
      { post_logout_redirect_uri: 'https://evil.example', state: 'x' },
      { client_id: 'unknown', post_logout_redirect_uri: 'https://evil.example' },
      { id_token_hint: 'x.y.z', post_logout_redirect_uri: 'https://evil.example' },
    ] as Record<string, string>[])
      expect([values, (await out(values)).url.origin]).toEqual([values, issuer]);
  });

  it('the authorization endpoint redirects only after client_id and redirect_uri match', async () => {
    for (const over of [
      { client_id: 'unknown' },
      { client_id: undefined },
      { client_id: 'unknown', response_mode: 'form_post' },
      { redirect_uri: 'https://evil.example', response_mode: 'form_post' },
      { redirect_uri: 'https://evil.example', prompt: 'none' },
      { redirect_uri: 'https://evil.example', response_type: 'nonsense' },
    ] as Record<string, string | undefined>[]) {
      const answer = await oauth.browser().request(oauth.authorizeUrl(clientId, newPkce(), over));
      expect([over, answer.status, answer.headers.get('location')]).toEqual([over, 400, null]);
      expect(answer.headers.get('content-security-policy')).not.toContain('evil');
    }
    for (const path of ['/account/sign-in?next=https://evil.example', '/account?return_to=//evil.example']) {
      const location = (await oauth.browser().request(path)).headers.get('location') ?? '';
      expect(location).not.toContain('evil');
    }
  });
});

describe('TM43 duplicate parameters', () => {
  it.each([
    'client_id',
    'redirect_uri',
    'response_type',
    'scope',
    'state',
    'code_challenge',
    'code_challenge_method',
    'nonce',
  ])('the authorization endpoint rejects a duplicate %s', async (name) => {
    const url = oauth.authorizeUrl(clientId, newPkce(), { nonce: 'n' });
    url.searchParams.append(name, url.searchParams.get(name)!);
    const answer = await oauth.browser().request(url);
    const location = answer.headers.get('location');
    if (location === null) expect(answer.status).toBe(400);
    else expect(new URL(location).searchParams.get('error')).toBe('invalid_request');
  });

  it.each(['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id'])(
    'the token endpoint rejects a duplicate %s, and the code remains valid',
    async (name) => {
      const pkce = newPkce();
      const code = await oauth.code(clientId, pkce, { person: PERSON });
      const form: [string, string][] = Object.entries({
        grant_type: 'authorization_code',
        client_id: clientId,
        code,
        redirect_uri: REDIRECT_URI,
        code_verifier: pkce.verifier,
      });
      const twice = await oauth.post('token', [...form, form.find(([each]) => each === name)!], anyone());
      expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request']);
      expect((await oauth.post('token', form)).status).toBe(200);
    },
  );
});

describe('TM44 cross-origin reads', () => {
  it('the token endpoint allows only the client’s origin, and never with credentials (CORS)', async () => {
    const { clientId: id, tokens } = await oauth.userTokens({ person: PERSON });
    let refreshToken = tokens.refresh_token as string;
    const refresh = async (origin: string) => {
      const answer = await oauth.refresh(id, refreshToken, {});
      refreshToken = answer.body.refresh_token as string;
      const from = await oauth.post(
        'token',
        { grant_type: 'refresh_token', client_id: id, refresh_token: refreshToken },
        { origin },
      );
      refreshToken = (from.body.refresh_token as string | undefined) ?? refreshToken;
      return from;
    };
    for (const origin of ['https://evil.example', 'null', `${new URL(REDIRECT_URI).origin}.evil.example`]) {
      const { headers } = await refresh(origin);
      expect([origin, headers.get('access-control-allow-origin')]).toEqual([origin, null]);
    }
    const own = await refresh(new URL(REDIRECT_URI).origin);
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, new URL(REDIRECT_URI).origin]);
    const browser = oauth.browser();
    const pages = await Promise.all(
      [
        '/.well-known/openid-configuration',
        '/api/auth/jwks',
        '/api/auth/oauth2/userinfo',
        '/account',
        '/device',
        '/api/me',
        new URL((await begin(browser)).url).pathname,
      ].map((path) => fetch(issuer + path, { redirect: 'manual', headers: { origin: 'https://evil.example' } })),
    );
    for (const { headers } of [own, ...pages]) expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('cookie authentication in the admin API', () => {
  it('a POST with a session cookie requires the gateway’s own Origin', async () => {
    const browser = oauth.browser();
    await signIn(browser, await begin(browser), OWNER);
    const cookie = `gatehouse_sid=${browser.cookies.get('gatehouse_sid /')!.value}`;
    const post = async (headers: Record<string, string>): Promise<[number, unknown]> => {
      const answer = await fetch(`${issuer}/api/teams`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ name: randomBytes(6).toString('hex') }),
      });
      return [answer.status, ((await answer.json()) as { code?: string }).code];
    };
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: issuer.replace('http:', 'https:') },
      { origin: issuer.toUpperCase() },
      { origin: `${issuer}/` },
      { referer: `${issuer}/account` },
    ] as Record<string, string>[])
      expect([headers, ...(await post(headers))]).toEqual([headers, 403, 'origin_not_allowed']);
    expect((await post({ origin: issuer }))[0]).toBe(201);
    expect((await fetch(`${issuer}/api/me`, { headers: { cookie } })).status).toBe(200);
  });
});

describe('guessing of passwords', () => {
  const attempt = async (email: string, password: string, address: Record<string, string>) => {
    const browser = oauth.browser();
    const place = await begin(browser);
    const { hidden } = formOf(place.html);
    const answer = await sendForm(browser, place.url.pathname, { ...hidden, email, password }, address);
    return {
      ...answer,
      text: answer.text.replaceAll(hidden.csrf!, '').replaceAll(place.url.pathname, '').replaceAll(email, ''),
    };
  };

  it('an unknown address, a wrong password and a disabled user get the same response', async () => {
    const disabled = `${randomBytes(6).toString('hex')}@example.com`;
    await setPassword(await invite(disabled), PERSON.password);
    const [user] = await stage.sql<{ id: string }>('SELECT id FROM app_user WHERE email = $1', [disabled]);
    expect((await stage.gateway.admin.post(`/api/users/${user!.id}/disable`)).status).toBe(200);
    const answers = await Promise.all([
      attempt(PERSON.email, 'not the password of hers', anyone()),
      attempt('nobody@example.com', 'not the password of hers', anyone()),
      attempt(disabled, PERSON.password, anyone()),
    ]);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0].status).toBe(400);
  });

  it('a sign-in attempt runs the same queries for unknown and known addresses', async () => {
    const { dataSource } = stage.gateway.resources.database;
    const { logger } = dataSource;
    const ofPeople = /app_user|audit_entry|identity_provider/;
    // Earlier audit entries are sealed in the background.
    const ofSealing = /sequence IS NULL|p\.sequence/;
    const statementsFor = async (email: string): Promise<string[]> => {
      const browser = oauth.browser();
      const place = await begin(browser);
      const { hidden } = formOf(place.html);
      const statements: string[] = [];
      let isAnswered = false;
      const server = stage.gateway.app.nest.getHttpServer() as Server;
      server.once('request', (_, response: ServerResponse) => response.once('finish', () => (isAnswered = true)));
      const logQuery = (sql: string): void => {
        if (!isAnswered && ofPeople.test(sql) && !ofSealing.test(sql)) statements.push(sql);
      };
      dataSource.logger = Object.assign(Object.create(logger) as typeof logger, { logQuery });
      try {
        await sendForm(browser, place.url.pathname, { ...hidden, email, password: 'not the password' }, anyone());
        return statements;
      } finally {
        dataSource.logger = logger;
      }
    };
    const failures = () =>
      stage.sql(
        `SELECT e.id FROM audit_entry e JOIN app_user u ON u.id::text = e.target_id
          WHERE e.action = 'user.sign_in_failed' AND u.email = $1`,
        [PERSON.email],
      );
    await statementsFor('nobody@example.com'); // fills the caches, which then serve both addresses
    const before = (await failures()).length;
    const known = await statementsFor(PERSON.email);
    expect(await statementsFor('nobody@example.com')).toEqual(known);
    expect(known.length).toBeGreaterThan(0);
    await eventually(async () => (await failures()).length > before, 'the failed sign-in in the audit log');
  });

  it('an account accepts ten sign-in attempts in 15 minutes from one address, then responds 429', async () => {
    const address = anyone();
    const statuses = await Promise.all(
      Array.from({ length: 14 }, async () => (await attempt(PERSON.email, 'wrong, wrong, wrong', address)).status),
    );
    expect(statuses.filter((status) => status === 400)).toHaveLength(10);
    const late = await attempt(PERSON.email.toUpperCase(), PERSON.password, address);
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(600);
    expect((await attempt(PERSON.email, PERSON.password, anyone())).status).toBe(303);
    expect((await attempt(OWNER.email, OWNER.password, address)).status).toBe(303);
  });
});

describe('NUL bytes, broken UTF-8 and lone surrogates', () => {
  const ODD = ['\u0000', 'a\u0000b', '%FF', '%C3%28', '%ED%A0%80', '%00', '\ud800'];
  const encoded = (value: string): string =>
    /^(?:%[0-9A-F]{2})+$/.test(value) ? value : encodeURIComponent(value.replaceAll('\ud800', '\ufffd'));

  it('every parameter of every endpoint and page answers malformed text without a 5xx', async () => {
    const refresh = (await oauth.userTokens({ person: PERSON })).tokens.refresh_token as string;
    const signInPage = await beginAs();
    const consentPage = await beginAs(true);
    const devicePage = await beginAs(false, '/device');
    const invitation = new URL(await invite('odd@example.com'));
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client = await application();
    const secretForm = { client_id: client.clientId as string, client_secret: client.clientSecret as string };
    const forms: [string, Record<string, string>, PageBrowser?][] = [
      [
        '/api/auth/oauth2/token',
        {
          grant_type: 'authorization_code',
          client_id: clientId,
          code: 'c',
          code_verifier: newPkce().verifier,
          redirect_uri: REDIRECT_URI,
          resource: 'r',
        },
      ],
      [
        '/api/auth/oauth2/token',
        { grant_type: 'refresh_token', client_id: clientId, refresh_token: refresh, scope: 's' },
      ],
      ['/api/auth/oauth2/token', { grant_type: DEVICE_GRANT, client_id: clientId, device_code: 'd' }],
      [
        '/api/auth/oauth2/token',
        { grant_type: 'client_credentials', ...secretForm, scope: 'llm:proxy', resource: 'r' },
      ],
      [
        '/api/auth/oauth2/token',
        { grant_type: 'client_credentials', client_assertion_type: 'a', client_assertion: 'a' },
      ],
      ['/api/auth/oauth2/revoke', { client_id: clientId, token: 't', token_type_hint: 'h' }],
      ['/api/auth/oauth2/introspect', { ...secretForm, token: 't', token_type_hint: 'h' }],
      ['/api/auth/oauth2/device', { client_id: clientId, scope: 'llm:proxy', resource: 'r' }],
      [
        '/api/auth/oauth2/par',
        Object.fromEntries(
          oauth.authorizeUrl(clientId, newPkce(), { nonce: 'n', login_hint: 'l', ui_locales: 'u' }).searchParams,
        ),
      ],
      [
        '/api/auth/oauth2/end-session',
        { client_id: clientId, state: 's', logout_hint: 'l', post_logout_redirect_uri: 'p' },
      ],
      [
        signInPage.place.url.pathname,
        { ...formOf(signInPage.place.html).hidden, ...PERSON, remember: 'yes' },
        signInPage.browser,
      ],
      [
        consentPage.place.url.pathname,
        { ...formOf(consentPage.place.html).hidden, decision: 'x' },
        consentPage.browser,
      ],
      [
        '/device',
        { ...formOf(devicePage.place.html).hidden, user_code: 'BCDFGHJK', confirm: 'yes' },
        devicePage.browser,
      ],
      [
        '/auth/set-password',
        {
          csrf: 'c',
          token: invitation.searchParams.get('token')!,
          password: 'p'.repeat(12),
          passwordAgain: 'p'.repeat(12),
        },
      ],
    ];
    const statuses: [string, string, string, number][] = [];
    for (const [path, form, browser] of forms) {
      for (const name of Object.keys(form)) {
        for (const odd of ODD) {
          const body = Object.entries(form)
            .map(([each, value]) => `${each}=${each === name ? encoded(odd) : encodeURIComponent(value)}`)
            .join('&');
          const answer = await sendForm(browser ?? oauth.browser(), path, body, anyone());
          statuses.push([path, name, odd, answer.status]);
        }
      }
    }
    const authorize = oauth.authorizeUrl(clientId, newPkce(), {
      nonce: 'n',
      login_hint: 'l',
      resource: `${issuer}/v1`,
      prompt: 'login',
      max_age: '1',
      id_token_hint: 'i',
      acr_values: 'a',
      claims: 'c',
      display: 'd',
      request_uri: undefined,
    });
    const addresses: [string, URLSearchParams][] = [
      [authorize.pathname, authorize.searchParams],
      ['/api/auth/oauth2/end-session', new URLSearchParams({ client_id: clientId, state: 's', id_token_hint: 'i' })],
      ['/device', new URLSearchParams({ user_code: 'u' })],
      ['/auth/set-password', new URLSearchParams({ token: 't' })],
      ['/account/callback', new URLSearchParams({ code: 'c', state: 's', iss: issuer })],
      ['/account', new URLSearchParams({ done: 'd' })],
    ];
    for (const [path, parameters] of addresses) {
      for (const name of parameters.keys()) {
        for (const odd of ODD) {
          const query = [...parameters].map(
            ([each, value]) => `${each}=${each === name ? encoded(odd) : encodeURIComponent(value)}`,
          );
          const answer = await stage.wire.call('GET', `${path}?${query.join('&')}`, [fromAnyone()]);
          statuses.push([path, name, odd, answer.status]);
        }
      }
    }
    for (const odd of ODD) {
      for (const path of [
        '/auth/sign-in/',
        '/oauth/consent/',
        '/device/',
        '/api/auth/oauth2/authorize/',
        '/api/auth/oauth2/',
      ]) {
        const answer = await stage.wire.call('GET', path + encoded(odd), [fromAnyone()]);
        statuses.push([path, 'path', odd, answer.status]);
      }
      const member = /%/.test(odd) ? '\udc00' : odd;
      for (const over of [
        { client_name: member },
        { contacts: [member] },
        { redirect_uris: [`https://app.example.com/${member}`] },
        { redirect_uris: [`com.example.app:/${member}`] },
        { post_logout_redirect_uris: [`https://app.example.com/${member}`] },
        { client_uri: `https://app.example.com/${member}` },
        { logo_uri: `https://app.example.com/${member}` },
        { default_acr_values: [member] },
        { scope: member },
        { grant_types: [member] },
        { application_type: member },
        { jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: member }] } },
        { [member]: member },
      ] as object[])
        statuses.push(['register', JSON.stringify(over).slice(0, 60), odd, (await oauth.register(over)).status]);
    }
    expect(statuses.length).toBeGreaterThan(500);
    expect(statuses.filter(([, , , status]) => status >= 500)).toEqual([]);
    expect(
      stage.gateway.log.filter((line) => line.includes('the authorization server failed to process a request')),
    ).toEqual([]);
  }, 60_000);

  const beginAs = async (isSignedIn = false, at?: string): Promise<{ browser: PageBrowser; place: PageLocation }> => {
    const browser = oauth.browser();
    const place = at === undefined ? await begin(browser, { prompt: 'consent' }) : await browser.go(at);
    return { browser, place: isSignedIn ? await signIn(browser, place) : place };
  };
});

/** Submits a form as a program does: from the address in `headers`, with the browser's cookies. */
async function sendForm(
  browser: PageBrowser,
  path: string,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const cookies = [...browser.cookies.values()].filter((cookie) => path.startsWith(cookie.path));
  return answersOf(
    await fetch(new URL(path, browser.origin), {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'text/html',
        cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        ...headers,
      },
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    }),
  );
}
