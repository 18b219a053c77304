/**
 * No open redirects through clients that registered themselves (RFC 9700 §4.11.2), and the library's own page in the
 * product's layout.
 */
import { newPkce, OAuthDriver, PUBLIC_APP, REDIRECT_URI } from '../../support/oauth/oauth-driver.js';
import { formOf, headingOf, type PageBrowser, type PageLocation } from '../../support/oauth/page-browser.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const HOST = new URL(REDIRECT_URI).host;
const SIGNED_OUT_AT = 'https://notes.example.com/signed-out';

let stage: Stage;
let oauth: OAuthDriver;
beforeAll(async () => {
  stage = await startStage();
  oauth = new OAuthDriver(stage.gateway.url);
});
afterAll(() => stage.close());

const newcomer = async (over: object = {}): Promise<string> => {
  const { body } = await oauth.register({
    client_name: 'Notes',
    post_logout_redirect_uris: [SIGNED_OUT_AT],
    ...over,
  });
  return body.client_id as string;
};
const ofAdmin = async (): Promise<string> =>
  (
    await stage.gateway.admin.create('/api/llm-oauth-clients', {
      ...PUBLIC_APP,
      postLogoutRedirectUris: [SIGNED_OUT_AT],
    })
  ).clientId as string;

const begin = (browser: PageBrowser, clientId: string, over: Record<string, string | undefined> = {}) =>
  browser.go(oauth.authorizeUrl(clientId, newPkce(), over));
/** Signs in and submits a decision; returns the resulting page or redirect. */
const decide = async (browser: PageBrowser, clientId: string, decision: 'allow' | 'deny'): Promise<PageLocation> =>
  (await oauth.through(browser, await begin(browser, clientId, { prompt: 'consent' }), { decision })).place;

/** Expects the page that replaces a redirect, and returns the target of its link. */
function expectPage(place: PageLocation, error: string): URL {
  expect([place.url.origin, place.status, place.headers.get('location')]).toEqual([stage.gateway.url, 400, null]);
  expect(place.html).toContain(`<code>${error}</code>`);
  expect(place.html).toContain('Notes');
  expect(place.html.replace(/<[^>]*>/g, ' ')).toContain(HOST);
  expect(place.headers.get('refresh')).toBeNull();
  expect(place.html).not.toMatch(/<script|http-equiv/);
  const link = /<a class="button" href="([^"]*)"/.exec(place.html)![1]!.replaceAll('&amp;', '&');
  const url = new URL(link);
  const parameters = new URLSearchParams(url.hash === '' ? url.search : url.hash.slice(1));
  expect(Object.fromEntries(parameters)).toMatchObject({ error, iss: stage.gateway.url });
  return url;
}

const ERRORS: [string, Record<string, string | undefined>][] = [
  ['login_required', { prompt: 'none' }],
  ['invalid_scope', { scope: 'llm:proxy root' }],
  ['invalid_scope', { scope: 'admin:write' }],
  ['invalid_target', { resource: 'https://elsewhere.example' }],
  ['invalid_request', { code_challenge_method: 'plain' }],
  ['invalid_request', { code_challenge: undefined }],
  ['unsupported_response_type', { response_type: 'token' }],
  ['unsupported_response_mode', { response_mode: 'web_message' }],
  ['login_required', { prompt: 'none', response_mode: 'fragment' }],
  ['request_uri_not_supported', { request_uri: 'https://elsewhere.example/request' }],
];

describe('self-registered apps without consent', () => {
  it.each(ERRORS)(
    'a self-registered app without consent gets a page instead of a redirect for %s (%j)',
    async (error, over) => {
      const place = await begin(oauth.browser(), await newcomer(), over);
      expect(`${expectPage(place, error).origin}/`).toBe(`https://${HOST}/`);
    },
  );

  it.each(ERRORS)('an app of the organization gets a redirect for %s (%j)', async (error, over) => {
    // Only scopes that the organization's app may have differ.
    const place = await begin(oauth.browser(), await ofAdmin(), { ...over, scope: over.scope && 'llm:proxy root' });
    const { url } = place;
    expect([place.status, url.origin]).toEqual([0, `https://${HOST}`]);
    const parameters = new URLSearchParams(url.hash === '' ? url.search : url.hash.slice(1));
    expect(parameters.get('error')).toBe(error);
  });

  it('an error page contains no wording of the library', async () => {
    for (const [error, over] of ERRORS) {
      const { html } = await begin(oauth.browser(), await newcomer(), over);
      const text = html.replace(/<a [^>]*>/g, '');
      expect([error, text]).toEqual([error, expect.not.stringMatching(/end-user|prompt|PKCE|parameter|indicator/i)]);
    }
  });

  it('denying a self-registered app shows a page, even if the form is sent twice', async () => {
    const browser = oauth.browser();
    const clientId = await newcomer();
    const consent = await browser.submit(await begin(browser, clientId), {
      email: 'owner@example.com',
      password: 'correct horse battery staple',
    });
    const [first, second] = await Promise.all([
      browser.submit(consent, { decision: 'deny' }),
      browser.submit(consent, { decision: 'deny' }),
    ]);
    const pages = [first, second].sort((one, other) => Number(other.status === 400) - Number(one.status === 400));
    expect(headingOf(pages[0]!.html)).toBe('You did not allow the app');
    expectPage(pages[0]!, 'access_denied');
    expect(pages[1]!.url.origin).toBe(stage.gateway.url);
  });

  it('the consent of one user does not cause redirects for another', async () => {
    const clientId = await newcomer();
    await decide(oauth.browser(), clientId, 'allow');
    expectPage(await begin(oauth.browser(), clientId, { prompt: 'none' }), 'login_required');
  });

  it('response_mode=form_post without consent shows a form that waits for the user', async () => {
    const place = await begin(oauth.browser(), await newcomer(), { prompt: 'none', response_mode: 'form_post' });
    expect([place.url.origin, place.status]).toEqual([stage.gateway.url, 400]);
    const { action, hidden } = formOf(place.html);
    expect([action, hidden.error, hidden.state]).toEqual([REDIRECT_URI, 'login_required', 'a-state']);
    expect(place.html).not.toContain('<script');
    expect(place.html).toContain('<link rel="stylesheet"');
    expect(place.headers.get('content-security-policy')).toContain(`form-action 'self' https://${HOST}`);
  });
});

it('errors redirect to an app that the user allowed before', async () => {
  const browser = oauth.browser();
  const clientId = await newcomer();
  expect((await decide(browser, clientId, 'allow')).url.searchParams.has('code')).toBe(true);
  const { url } = await begin(browser, clientId, { scope: 'llm:proxy root' });
  expect([url.origin, url.searchParams.get('error')]).toEqual([`https://${HOST}`, 'invalid_scope']);
  const denied = await decide(browser, clientId, 'deny');
  expect(denied.url.searchParams.get('error')).toBe('access_denied');
});

describe('end of a session', () => {
  const end = (browser: PageBrowser, clientId: string) =>
    browser.go(
      `/api/auth/oauth2/end-session?${new URLSearchParams({
        client_id: clientId,
        post_logout_redirect_uri: SIGNED_OUT_AT,
        state: 's',
      }).toString()}`,
    );

  it.each([['yes'], ['']])('a sign-out shows the host of an app without consent (logout=%j)', async (logout) => {
    const browser = oauth.browser();
    await decide(browser, await newcomer(), 'allow');
    const place = await browser.submit(await end(browser, await newcomer()), logout ? { logout } : {});
    expect([place.url.origin, place.status]).toEqual([stage.gateway.url, 200]);
    expect(place.html).toContain(`href="${SIGNED_OUT_AT}?state=s"`);
  });

  it('a sign-out without a session shows the app’s host on pages of the product', async () => {
    const browser = oauth.browser();
    const moment = await end(browser, await newcomer());
    expect(headingOf(moment.html)).toBe('One moment');
    expect(moment.html).toContain('<link rel="stylesheet"');
    const place = await browser.submit(moment, {});
    expect([place.url.origin, headingOf(place.html)]).toEqual([stage.gateway.url, 'You are signed out']);
    expect(place.html).toContain(`href="${SIGNED_OUT_AT}?state=s"`);
  });

  it('a sign-out redirects to an allowed app and to an app of the organization', async () => {
    const browser = oauth.browser();
    const clientId = await newcomer();
    await decide(browser, clientId, 'allow');
    expect((await browser.submit(await end(browser, clientId), { logout: 'yes' })).url.href).toBe(
      `${SIGNED_OUT_AT}?state=s`,
    );
    const stranger = oauth.browser();
    expect((await stranger.submit(await end(stranger, await ofAdmin()), {})).url.href).toBe(`${SIGNED_OUT_AT}?state=s`);
  });
});

it('a form_post response is a product page whose policy allows its script by hash', async () => {
  const browser = oauth.browser();
  const clientId = await newcomer();
  const start = await begin(browser, clientId, { response_mode: 'form_post' });
  const { place } = await oauth.through(browser, start);
  expect([place.status, headingOf(place.html)]).toEqual([200, 'One moment']);
  const { action, hidden } = formOf(place.html);
  expect([action, hidden.state, hidden.iss]).toEqual([REDIRECT_URI, 'a-state', stage.gateway.url]);
  expect(hidden.code).toEqual(expect.any(String));
  const policy = place.headers.get('content-security-policy')!;
  expect(policy).toMatch(/script-src 'sha256-[A-Za-z0-9+/]{43}='/);
  expect(policy).toContain(`form-action 'self' https://${HOST}`);
  expect(policy).toContain("style-src 'self'");
});
