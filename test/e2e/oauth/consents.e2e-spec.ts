/** Consents: requested once for each user, client and scope, and again when their content would change. */
import { jest } from '@jest/globals';
import * as oidc from 'openid-client';
import { EncryptedStateStore } from '../../../src/oauth/sessions/encrypted-state.store.js';
import {
  CALLBACK,
  LibraryApps,
  refusalOf,
  type CreatedClient,
  type Newcomer,
} from '../../support/oauth/openid-client-app.js';
import { formOf, headingOf, type PageBrowser } from '../../support/oauth/page-browser.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const CLIENTS = '/api/llm-oauth-clients';
const ASKED = ['Allow this app?'];

describe('consent', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let person: Newcomer;
  /** The browser in which `person` has signed in. */
  let browser: PageBrowser;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
    person = await apps.newcomer();
    browser = apps.oauth.browser();
    await apps.authorize(await apps.configure(await app()), { person, browser });
  });
  afterAll(() => stage.close());

  const app = (over: object = {}) => apps.app({ tokenEndpointAuthMethod: 'none', ...over });
  /** Returns the pages between the app's request and its response, in the browser in which the person is signed in. */
  const pagesFor = async (client: CreatedClient, over: Record<string, string> = {}): Promise<string[]> => {
    const { url } = await apps.begin(await apps.configure(client), over);
    const { place, pages } = await apps.walk(url, { person, browser });
    expect(place.url.searchParams.get('code')).not.toBeNull();
    return pages;
  };
  const patch = async (client: CreatedClient, change: object): Promise<void> => {
    const { status } = await stage.gateway.admin.patch(`${CLIENTS}/${client.id}`, change);
    expect(status).toBe(200);
  };

  describe('remembered consents', () => {
    it('a consent is remembered for the same scopes and for fewer', async () => {
      const client = await app();
      expect(await pagesFor(client, { scope: 'openid profile llm:proxy' })).toEqual(ASKED);
      expect(await pagesFor(client, { scope: 'openid profile llm:proxy' })).toEqual([]);
      expect(await pagesFor(client, { scope: 'llm:proxy' })).toEqual([]);
    });

    it('a request for more scopes asks for consent again and adds them', async () => {
      const client = await app();
      expect(await pagesFor(client, { scope: 'openid llm:proxy' })).toEqual(ASKED);
      expect(await pagesFor(client, { scope: 'email llm:proxy' })).toEqual(ASKED);
      expect(await pagesFor(client, { scope: 'openid email llm:proxy' })).toEqual([]);
    });

    it('a consent for one resource does not cover another', async () => {
      const client = await app();
      expect(await pagesFor(client, { scope: 'llm:proxy' })).toEqual(ASKED);
      expect(await pagesFor(client, { scope: 'admin:read' })).toEqual(ASKED);
      expect(await pagesFor(client, { scope: 'admin:read' })).toEqual([]);
      expect(await pagesFor(client, { scope: 'admin:read admin:write' })).toEqual(ASKED);
    });

    it('a consent does not cover another client or another user', async () => {
      const [one, two] = [await app(), await app()];
      expect(await pagesFor(one)).toEqual(ASKED);
      expect(await pagesFor(two)).toEqual(ASKED);
      const { url } = await apps.begin(await apps.configure(one));
      const other = await apps.walk(url, { person: await apps.newcomer() });
      expect(other.pages).toEqual(['Sign in', ...ASKED]);
    });

    it('a consent is asked again after a change of the client’s name or redirect URIs', async () => {
      const client = await app();
      expect(await pagesFor(client)).toEqual(ASKED);
      await patch(client, { allowedLlmProxyIds: [stage.defaultProxyId] });
      expect(await pagesFor(client)).toEqual([]);
      await patch(client, { name: 'Another name' });
      expect(await pagesFor(client)).toEqual(ASKED);
      expect(await pagesFor(client)).toEqual([]);
      await patch(client, { redirectUris: [CALLBACK, 'https://app.example.com/second'] });
      expect(await pagesFor(client)).toEqual(ASKED);
      expect(await pagesFor(client)).toEqual([]);
    });

    it.each([
      ['native', 'http://127.0.0.1/callback', 'http://127.0.0.1:41999/callback'],
      ['native', 'http://localhost:3000/callback', 'http://localhost:3000/callback'],
      ['native', 'com.example.app:/callback', 'com.example.app:/callback'],
      ['native', 'https://app.example.com/native', 'https://app.example.com/native'],
      ['web', 'http://127.0.0.1/callback', 'http://127.0.0.1:41999/callback'],
      ['web', 'http://localhost/callback', 'http://localhost:41999/callback'],
      ['web', 'http://[::1]/callback', 'http://[::1]:41999/callback'],
      ['web', 'https://localhost:8443/callback', 'https://localhost:8443/callback'],
    ])('a consent for a %s app at %s is asked every time (RFC 8252 §8.6)', async (type, uri, redirect_uri) => {
      const client = await app({ applicationType: type, redirectUris: [uri] });
      for (let i = 0; i < 2; i++) expect(await pagesFor(client, { redirect_uri })).toEqual(ASKED);
      const { url } = await apps.begin(await apps.configure(client), { redirect_uri, prompt: 'none' });
      const { place } = await apps.walk(url, { browser });
      expect(place.url.searchParams.get('error')).toBe('interaction_required');
    });

    it('a consent is asked again only at the loopback address of a client', async () => {
      const client = await app({ redirectUris: [CALLBACK, 'http://localhost/callback'] });
      expect(await pagesFor(client)).toEqual(ASKED);
      expect(await pagesFor(client)).toEqual([]);
      expect(await pagesFor(client, { redirect_uri: 'http://localhost:8123/callback' })).toEqual(ASKED);
      expect(await pagesFor(client, { redirect_uri: 'http://localhost:8123/callback' })).toEqual(ASKED);
    });

    it('a consent for a first-party client on loopback is remembered', async () => {
      const docs = { id: '', clientId: 'llm_oauth_gatehouse_docs', clientSecret: null };
      const redirect_uri = `${stage.gateway.url}/api/docs/oauth2-redirect.html`;
      const over = { redirect_uri, scope: 'admin:read' };
      expect(await pagesFor(docs, over)).toEqual(ASKED);
      expect(await pagesFor(docs, over)).toEqual([]);
    });

    it('prompt=consent asks again and allows offline_access (OpenID Connect Core §11)', async () => {
      const client = await app();
      expect(await pagesFor(client)).toEqual(ASKED);
      const over = { scope: 'openid llm:proxy offline_access', prompt: 'consent' };
      const config = await apps.configure(client);
      const { url, checks } = await apps.begin(config, over);
      const { place, pages } = await apps.walk(url, { person, browser });
      expect(pages).toEqual(ASKED);
      const tokens = await oidc.authorizationCodeGrant(config, place.url, { ...checks, idTokenExpected: true });
      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token!);
      await apps.expectServed(refreshed.access_token);
    });
  });

  describe('the consent page', () => {
    it('the consent page shows app, scopes, user, providers and redirect host', async () => {
      const client = await app({ name: 'Page & Sons' });
      const { url } = await apps.begin(await apps.configure(client), { scope: 'openid email llm:proxy' });
      const { html, headers } = await browser.go(url);
      const text = html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
      for (const part of [
        'Page &amp; Sons',
        new URL(CALLBACK).host,
        person.email,
        'Know who you are openid',
        'Read your e-mail address email',
        'Call language models on your behalf, with the provider keys that you may use llm:proxy',
        'OpenAI',
      ]) {
        expect(text).toContain(part);
      }
      expect(text).not.toContain('Not verified by your organization');
      expect(headers.get('content-security-policy')).toContain(`form-action 'self' ${new URL(CALLBACK).origin};`);
      expect([headers.get('x-frame-options'), headers.get('cache-control')]).toEqual(['DENY', 'no-store']);
    });

    it('the consent page warns of a self-registered app', async () => {
      const { body } = await apps.oauth.register({
        client_name: 'Official app',
        redirect_uris: ['http://localhost:5174/callback'],
      });
      const { url } = await apps.begin(await apps.configure({ clientId: body.client_id as string }), {
        redirect_uri: (body.redirect_uris as string[])[0]!,
      });
      const { html } = await browser.go(url);
      expect(html).toContain('Not verified by your organization');
      expect(html).toContain('Runs on this computer');
    });

    it('the consent page offers to sign in as another user, who then gets the tokens', async () => {
      const other = await apps.newcomer();
      const own = apps.oauth.browser();
      await apps.authorize(await apps.configure(await app()), { person, browser: own });
      const config = await apps.configure(await app());
      const { url, checks } = await apps.begin(config, { scope: 'openid llm:proxy' });
      const asked = await own.go(url);
      const { action, hidden } = formOf(asked.html);
      const signIn = await own.go(`${action}/switch`, hidden);
      expect(headingOf(signIn.html)).toBe('Sign in');
      const { place, pages } = await apps.oauth.through(own, signIn, { person: other });
      expect(pages).toEqual(['Sign in', ...ASKED]);
      const tokens = await oidc.authorizationCodeGrant(config, place.url, { ...checks, idTokenExpected: true });
      expect(tokens.claims()!.sub).toBe(other.id);
    });

    it('a consent form that is sent twice has one outcome', async () => {
      const client = await app();
      const config = await apps.configure(client);
      const { url, checks } = await apps.begin(config);
      const asked = await browser.go(url);
      const answered = await browser.submit(asked, { decision: 'allow' });
      const again = await browser.submit(asked, { decision: 'deny' });
      expect(again.url.href).toBe(answered.url.href);
      const other = apps.oauth.browser();
      expect((await other.request(asked.url, { ...formOf(asked.html).hidden, decision: 'allow' })).status).toBe(404);
      const { hidden } = formOf(asked.html);
      const forged = await browser.request(asked.url, { ...hidden, csrf: `${hidden.csrf!}A`, decision: 'allow' });
      expect(forged.status).toBe(403);
      await apps.expectServed((await oidc.authorizationCodeGrant(config, answered.url, checks)).access_token);
      expect(await stage.sql('SELECT 1 FROM oauth_grant WHERE client_id = $1', [client.clientId])).toHaveLength(1);
      expect(await apps.audited('oauth_consent.allow', client.clientId)).toHaveLength(1);
      // A code that reaches an app a second time would end the app's grant.
      jest.spyOn(stage.gateway.app.nest.get(EncryptedStateStore, { strict: false }), 'read').mockResolvedValue(null);
      const late = await browser.submit(asked, { decision: 'allow' });
      jest.restoreAllMocks();
      expect([late.status, late.url.origin]).toEqual([404, stage.gateway.url]);
      expect(late.html).toContain('was answered already');
    });

    it('a consent form allows only with the exact decision allow', async () => {
      for (const decision of ['', 'Allow', 'yes']) {
        const { url } = await apps.begin(await apps.configure(await app()));
        const { url: end } = await browser.submit(await browser.go(url), { decision });
        expect(end.searchParams.get('error')).toBe('access_denied');
      }
    });
  });

  it('a given consent is audited', async () => {
    const client = await app();
    await pagesFor(client, { scope: 'openid llm:proxy' });
    expect(await apps.audited('oauth_consent.allow', client.clientId)).toEqual([
      expect.objectContaining({
        actor_type: 'user',
        actor_id: person.id,
        target_type: 'oauth_consent',
        client_address: '127.0.0.1',
        after: { resource: `${stage.gateway.url}/v1`, scopes: ['openid', 'llm:proxy'] },
      }),
    ]);
  });

  it('one consent covers several grants, each of which is revoked by itself (RFC 7009 §2.1)', async () => {
    const config = await apps.configure(await app());
    const laptop = await apps.authorize(config, { person, browser });
    const desktop = await apps.authorize(config, { person, browser });
    await apps.expectServed(laptop.access_token);
    await oidc.tokenRevocation(config, laptop.refresh_token!);
    await apps.expectRefused(laptop.access_token, 401, 'credential_invalid');
    expect(await refusalOf(oidc.refreshTokenGrant(config, laptop.refresh_token!))).toMatchObject({
      error: 'invalid_grant',
    });
    await apps.expectServed(desktop.access_token);
    await apps.expectServed((await oidc.refreshTokenGrant(config, desktop.refresh_token!)).access_token);
    expect(await pagesFor({ id: '', clientId: config.clientMetadata().client_id, clientSecret: null })).toEqual([]);
  });

  describe('denied applications', () => {
    const endOf = async (
      client: CreatedClient,
      walker: { email: string; password: string },
      over: Record<string, string> = {},
    ) => {
      const { url } = await apps.begin(await apps.configure(client), over);
      const { place, pages } = await apps.walk(url, { person: walker });
      return { pages, told: Object.fromEntries(place.url.searchParams) };
    };

    it('a user gets access_denied for a client of another organization', async () => {
      const elsewhere = await stage.otherOrganization();
      const stranger = await apps.givePassword(elsewhere.ownerId);
      expect(await endOf(await app(), stranger)).toEqual({
        pages: ['Sign in'],
        told: {
          error: 'access_denied',
          error_description: 'this application belongs to another organization',
          state: expect.any(String),
          iss: stage.gateway.url,
        },
      });
    });

    it('allowSelfRegisteredApps false denies self-registered apps and revokes their tokens immediately', async () => {
      const { body } = await apps.oauth.register();
      const client = { id: '', clientId: body.client_id as string, clientSecret: null };
      const over = { redirect_uri: (body.redirect_uris as string[])[0]!, scope: 'openid llm:proxy' };
      const config = await apps.configure(client);
      const tokens = await apps.authorize(config, { person, browser, over });
      await apps.expectServed(tokens.access_token);
      const setting = (allowSelfRegisteredApps: boolean) =>
        stage.gateway.admin.patch('/api/organization', { allowSelfRegisteredApps });
      expect((await setting(false)).status).toBe(200);
      try {
        await apps.expectRefused(tokens.access_token, 401, 'credential_invalid');
        expect(await refusalOf(oidc.refreshTokenGrant(config, tokens.refresh_token!))).toMatchObject({
          status: 400,
          error: 'invalid_grant',
        });
        expect((await refusalOf(oidc.fetchUserInfo(config, tokens.access_token, person.id))).status).toBe(401);
        const { told } = await endOf(client, person, over);
        expect(told).toMatchObject({
          error: 'access_denied',
          error_description: 'your organization does not allow applications that registered themselves',
        });
        expect(await pagesFor(await app())).toEqual(ASKED); // those of the organization remain
      } finally {
        await setting(true);
      }
      expect((await endOf(client, person, over)).told).toHaveProperty('code');
    });
  });
});
