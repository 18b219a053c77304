/** Requirements of the standards beyond the plain flows, tested with independent clients. */
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { LibraryApps, type Newcomer } from '../../support/oauth/openid-client-app.js';
import { headingOf, type PageBrowser } from '../../support/oauth/page-browser.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

let stage: Stage;
let apps: LibraryApps;
let person: Newcomer;
beforeAll(async () => {
  stage = await startStage();
  apps = new LibraryApps(stage);
  person = await apps.newcomer('admin');
});
afterAll(() => stage.close());

const words = (scope: unknown): string[] => String(scope).split(' ').sort();

describe('the scope of a token response (RFC 6749 §5.1)', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };

  it.each([
    ['openid llm:proxy', {}],
    ['llm:proxy openid profile email', {}],
    ['email', {}],
    ['openid admin:read', {}],
    ['openid profile admin:read admin:write', {}],
    ['openid llm:proxy offline_access', { prompt: 'consent' }],
  ])(
    'a token response for "%s" lists all granted scopes, also after refreshes',
    async (scope, over: Record<string, string>) => {
      const client = await apps.app({ tokenEndpointAuthMethod: 'none' });
      const config = await apps.configure(client);
      const { url, checks } = await apps.begin(config, { scope, ...over });
      const { place } = await apps.walk(url, { person });
      const tokens = await oidc.authorizationCodeGrant(config, place.url, checks);
      expect(words(tokens.scope)).toEqual(words(scope));
      const issuer = config.serverMetadata() as oauth.AuthorizationServer;
      const refreshed = await oauth.processRefreshTokenResponse(
        issuer,
        { client_id: client.clientId },
        await oauth.refreshTokenGrantRequest(
          issuer,
          { client_id: client.clientId },
          oauth.None(),
          tokens.refresh_token!,
          insecure,
        ),
      );
      expect(words(refreshed.scope)).toEqual(words(scope));
      const less = scope.split(' ').at(0)!;
      const narrow = await oidc.refreshTokenGrant(config, refreshed.refresh_token!, { scope: less });
      expect(narrow.scope).toBe(less);
      const all = await oidc.refreshTokenGrant(config, narrow.refresh_token!);
      expect(words(all.scope)).toEqual(words(scope));
    },
  );

  it('a token response of the device flow lists all granted scopes', async () => {
    const client = await apps.app({ tokenEndpointAuthMethod: 'none' });
    const config = await apps.configure(client);
    const begun = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile llm:proxy' });
    const browser = apps.oauth.browser();
    const typed = await browser.submit(await browser.go(begun.verification_uri_complete!), {
      user_code: begun.user_code,
    });
    const confirmed = await browser.submit(typed, { confirm: 'yes' });
    expect((await apps.oauth.through(browser, confirmed, { person })).place.status).toBe(200);
    const tokens = await oidc.genericGrantRequest(config, DEVICE_GRANT, { device_code: begun.device_code });
    expect(words(tokens.scope)).toEqual(words('openid profile llm:proxy'));
  });

  it('a token response without a requested scope lists llm:proxy', async () => {
    const { tokens } = await apps.oauth.userTokens({ over: { scope: undefined } });
    expect(tokens.scope).toBe('llm:proxy');
    const service = await apps.service();
    const answer = await apps.oauth.clientToken(service as { clientId: string; clientSecret: string });
    expect(answer.body.scope).toBe('llm:proxy');
  });
});

describe('POST at the authorization endpoint (OpenID Connect Core §3.1.2.1)', () => {
  const path = '/api/auth/oauth2/authorize';

  /** Sends the parameters of an address as a form, with the browser's cookies. */
  const post = (url: URL, browser: PageBrowser) => browser.go(path, [...url.searchParams]);

  it('POST to the authorization endpoint starts an authorization as GET does', async () => {
    const config = await apps.configure(await apps.app());
    const { url, checks } = await apps.begin(config, { scope: 'openid llm:proxy' });
    const browser = apps.oauth.browser();
    const { place, pages } = await apps.oauth.through(browser, await post(url, browser), { person });
    expect(pages).toEqual(['Sign in', 'Allow this app?']);
    const tokens = await oidc.authorizationCodeGrant(config, place.url, { ...checks, idTokenExpected: true });
    await apps.expectServed(tokens.access_token);
    // Also in a browser that is signed in and has allowed the app.
    const again = await apps.begin(config, { scope: 'openid llm:proxy' });
    expect((await post(again.url, browser)).url.searchParams.get('code')).not.toBeNull();
  });

  it('POST to the authorization endpoint accepts long requests and rejects what GET rejects', async () => {
    const config = await apps.configure(await apps.app());
    const { parameters } = await apps.begin(config);
    const pushed = await oidc.buildAuthorizationUrlWithPAR(config, parameters);
    expect(headingOf((await post(pushed, apps.oauth.browser())).html)).toBe('Sign in');
    const long = (await apps.begin(config, { state: 's'.repeat(30_000) })).url;
    expect(headingOf((await post(long, apps.oauth.browser())).html)).toBe('Sign in');
    for (const [name, value] of [
      ['redirect_uri', 'https://elsewhere.example/'],
      ['client_id', 'llm_oauth_nobody'],
    ] as const) {
      const { url } = await apps.begin(config);
      url.searchParams.set(name, value);
      const place = await post(url, apps.oauth.browser());
      expect([place.status, place.url.origin]).toEqual([400, stage.gateway.url]);
    }
    const twice = (await apps.begin(config)).url;
    twice.searchParams.append('scope', 'openid');
    expect((await post(twice, apps.oauth.browser())).url.searchParams.get('error')).toBe('invalid_request');
  });

  it('POST to the authorization endpoint accepts only forms of limited size', async () => {
    const send = (type: string, body: string): Promise<Response> =>
      fetch(stage.gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': type, accept: 'text/html' },
        body,
        redirect: 'manual',
      });
    const { url } = await apps.begin(await apps.configure(await apps.app()));
    const form = url.searchParams.toString();
    expect((await send('application/x-www-form-urlencoded; charset=UTF-8', form)).status).toBe(303);
    for (const [type, body] of [
      ['application/json', JSON.stringify(Object.fromEntries(url.searchParams))],
      ['text/plain', form],
      ['application/x-www-form-urlencoded', `${form}&x=${'x'.repeat(60_000)}`],
    ] as const) {
      const response = await send(type, body);
      expect([type, response.status, headingOf(await response.text())]).toEqual([type, 400, 'This did not work']);
    }
  });

  it('a cross-site authorization POST without a session cookie is redirected to GET', async () => {
    const { url } = await apps.begin(await apps.configure(await apps.app()));
    const send = (headers: Record<string, string>, form: URLSearchParams): Promise<Response> =>
      fetch(stage.gateway.url + path, { method: 'POST', headers, body: form, redirect: 'manual' });
    const response = await send({ 'sec-fetch-site': 'cross-site' }, url.searchParams);
    const location = new URL(response.headers.get('location')!, stage.gateway.url);
    expect([response.status, location.href]).toEqual([303, url.href]);
    const signIn = /^\/auth\/sign-in\//;
    for (const [headers, form] of [
      [{ 'sec-fetch-site': 'same-origin' }, url.searchParams],
      [{ 'sec-fetch-site': 'cross-site', cookie: 'gatehouse_sid=some' }, url.searchParams],
      [
        { 'sec-fetch-site': 'cross-site' },
        new URLSearchParams([...url.searchParams, ['login_hint', 'h'.repeat(5_000)]]),
      ],
    ] as [Record<string, string>, URLSearchParams][]) {
      const answered = (await send(headers, form)).headers.get('location')!;
      expect([headers, new URL(answered, stage.gateway.url).pathname]).toEqual([
        headers,
        expect.stringMatching(signIn),
      ]);
    }
  });
});
