/** Pushed authorization requests, and the resource of a token: the LLM routes or the admin API, never both. */
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import {
  CALLBACK,
  LibraryApps,
  refusalOf,
  SECOND,
  time,
  type CreatedClient,
  type Newcomer,
} from '../../support/oauth/openid-client-app.js';
import { headingOf } from '../../support/oauth/page-browser.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const UUID = '0192f0c1-2345-7abc-8def-0123456789ab';
const insecure = { [oauth.allowInsecureRequests]: true };

describe('pushed authorization requests and resources', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let person: Newcomer;
  let client: CreatedClient;
  let config: oidc.Configuration;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
    person = await apps.newcomer('admin');
    client = await apps.app();
    config = await apps.configure(client);
  });
  afterEach(() => time.undo());
  afterAll(() => stage.close());

  const url = () => stage.gateway.url;

  describe('pushed authorization requests (RFC 9126)', () => {
    const push = async (over: Record<string, string> = {}, by = config) => {
      const { checks, parameters } = await apps.begin(by, over);
      return { checks, start: await oidc.buildAuthorizationUrlWithPAR(by, parameters) };
    };

    it('openid-client completes a pushed request whose parameters are absent from the browser’s address', async () => {
      const { checks, start } = await push({ scope: 'openid llm:proxy', login_hint: 'secret@example.com' });
      expect([...start.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
      const { place } = await apps.walk(start, { person });
      const tokens = await oidc.authorizationCodeGrant(config, place.url, { ...checks, idTokenExpected: true });
      await apps.expectServed(tokens.access_token);
    });

    it('oauth4webapi completes a pushed request of a public client', async () => {
      const open = await apps.app({ tokenEndpointAuthMethod: 'none' });
      const server = await oauth.processDiscoveryResponse(
        apps.issuer,
        await oauth.discoveryRequest(apps.issuer, insecure),
      );
      const asClient = { client_id: open.clientId };
      const verifier = oauth.generateRandomCodeVerifier();
      const state = oauth.generateRandomState();
      const response = await oauth.pushedAuthorizationRequest(
        server,
        asClient,
        oauth.None(),
        {
          response_type: 'code',
          redirect_uri: CALLBACK,
          scope: 'llm:proxy',
          state,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        },
        insecure,
      );
      const pushed = await oauth.processPushedAuthorizationResponse(server, asClient, response);
      expect(pushed).toEqual({
        request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:.{20,}/),
        expires_in: 60,
      });
      const start = new URL(server.authorization_endpoint!);
      start.search = new URLSearchParams({ client_id: open.clientId, request_uri: pushed.request_uri }).toString();
      const { place } = await apps.walk(start, { person });
      const answer = oauth.validateAuthResponse(server, asClient, place.url, state);
      const tokens = await oauth.processAuthorizationCodeResponse(
        server,
        asClient,
        await oauth.authorizationCodeGrantRequest(server, asClient, oauth.None(), answer, CALLBACK, verifier, insecure),
      );
      await apps.expectServed(tokens.access_token);
    });

    it('a pushed request is used once', async () => {
      const { start } = await push();
      const browser = apps.oauth.browser();
      expect((await apps.walk(start, { person, browser })).place.url.searchParams.has('code')).toBe(true);
      stage.gateway.clock.advance(6 * SECOND);
      const again = (await apps.walk(start, { person, browser })).place;
      expect(again.url.searchParams.has('code')).toBe(false);
    });

    it('a pushed request expires after a minute', async () => {
      const { start } = await push();
      time.travel(66 * SECOND);
      const place = await apps.oauth.browser().go(start);
      expect([place.status, place.url.origin, headingOf(place.html)]).toEqual([400, url(), 'This did not work']);
    });

    it('a pushed request is rejected for another client', async () => {
      const { start } = await push();
      start.searchParams.set('client_id', (await apps.app()).clientId);
      const { place } = await apps.walk(start, { person });
      expect(place.url.searchParams.has('code')).toBe(false);
    });

    it('a pushed request ignores parameters of the browser’s address', async () => {
      const { start } = await push({ scope: 'admin:read' });
      start.searchParams.set('scope', 'admin:read admin:write');
      start.searchParams.set('redirect_uri', 'https://elsewhere.example/');
      const { place } = await apps.walk(start, { person });
      expect(place.url.origin).not.toBe('https://elsewhere.example');
    });

    it.each([
      ['with an unregistered redirect_uri', { redirect_uri: 'https://elsewhere.example/callback' }, 'invalid_request'],
      ['with an unknown scope', { scope: 'llm:proxy root' }, 'invalid_scope'],
      ['with a foreign resource', { resource: 'https://elsewhere.example/v1' }, 'invalid_target'],
      ['without PKCE', { code_challenge: '' }, 'invalid_request'],
      ['with a request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri_not_supported'],
    ])('the PAR endpoint rejects a request %s', async (_, over, error) => {
      const refusal = await refusalOf(push(over));
      expect([refusal.status, refusal.error]).toEqual([400, error]);
    });

    it('the PAR endpoint rejects a confidential client without a proof with invalid_client, which is audited', async () => {
      const own = await apps.app();
      const unproven = await apps.configure(own, oidc.None());
      expect(await refusalOf(push({}, unproven))).toMatchObject({ status: 401, error: 'invalid_client' });
      expect(await apps.audited('oauth_client.authentication_failed', own.id)).toHaveLength(1);
    });
  });

  describe('resource indicators (RFC 8707)', () => {
    const bases = () => [
      '',
      '/',
      '/v1',
      '/v1/',
      '/v1/openai',
      `/v1/anthropic/${UUID}`,
      '/v1/model-router',
      '/v1/openai/',
    ];

    it('every LLM base URL is accepted as a resource and yields the same audience', async () => {
      const browser = apps.oauth.browser();
      for (const base of bases()) {
        const resource = url() + base;
        const { url: start, checks } = await apps.begin(config, { resource });
        const { place } = await apps.walk(start, { person, browser });
        const tokens = await oidc.authorizationCodeGrant(config, place.url, checks, { resource });
        expect(tokens.scope).toBe('llm:proxy');
        await apps.expectServed(tokens.access_token);
        const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token!, { resource });
        await apps.expectServed(renewed.access_token);
        expect(await oidc.tokenIntrospection(config, renewed.access_token)).toMatchObject({ aud: `${url()}/v1` });
      }
    });

    it('the code and refresh requests may name different LLM base URLs', async () => {
      const { url: start, checks } = await apps.begin(config, { resource: `${url()}/v1/openai` });
      const { place } = await apps.walk(start, { person });
      const tokens = await oidc.authorizationCodeGrant(config, place.url, checks, { resource: `${url()}/v1/` });
      await apps.expectServed(tokens.access_token);
      const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token!, { resource: url() });
      await apps.expectServed(renewed.access_token);
    });

    it('one consent covers all LLM base URLs', async () => {
      const browser = apps.oauth.browser();
      const fresh = await apps.configure(await apps.app());
      const pages = [];
      for (const base of ['/v1', '/v1/openai', '/']) {
        const { url: start } = await apps.begin(fresh, { resource: url() + base });
        pages.push((await apps.walk(start, { person, browser })).pages);
      }
      expect(pages).toEqual([['Sign in', 'Allow this app?'], [], []]);
    });

    it.each<[Record<string, string>, string, string]>([
      [{ scope: 'llm:proxy' }, '/v1', 'llm:proxy'],
      [{ scope: 'openid' }, '/v1', ''],
      [{ scope: 'admin:read' }, '/api', 'admin:read'],
      [{ scope: 'openid admin:read admin:write' }, '/api', 'admin:read admin:write'],
      [{ scope: 'admin:write', resource: '/api' }, '/api', 'admin:write'],
      [{ scope: '', resource: '/api' }, '/api', 'admin:read admin:write'],
      [{ scope: '', resource: '/v1' }, '/v1', 'llm:proxy'],
      [{ scope: '' }, '/v1', 'llm:proxy'],
    ])(
      'an authorization request with %j gets a token of the derived resource and scopes',
      async ({ resource, ...over }, audience, scope) => {
        const named: Record<string, string> = resource === undefined ? {} : { resource: url() + resource };
        const tokens = await apps.authorize(config, { person, over: { ...over, ...named } });
        const looked = await oidc.tokenIntrospection(config, tokens.access_token);
        expect([looked.aud, looked.scope ?? '']).toEqual([url() + audience, scope]);
      },
    );

    it.each([
      [{ scope: 'llm:proxy admin:read' }, 'invalid_scope'],
      [{ scope: 'llm:proxy', resource: '/api' }, 'invalid_scope'],
      [{ scope: 'admin:read', resource: '/v1' }, 'invalid_scope'],
      [{ resource: '/v1/nobody' }, 'invalid_target'],
      [{ resource: '/api/users' }, 'invalid_target'],
      [{ resource: '.evil.example/v1' }, 'invalid_target'],
      [{ resource: '/v1#fragment' }, 'invalid_target'],
    ])('an authorization request with %j is rejected with %s', async (over, error) => {
      const { resource, ...rest } = over as Record<string, string>;
      const named: Record<string, string> = resource === undefined ? {} : { resource: url() + resource };
      const { url: start } = await apps.begin(config, { ...rest, ...named });
      const { place } = await apps.walk(start, { person });
      expect(Object.fromEntries(place.url.searchParams)).toMatchObject({ error, iss: url() });
    });
  });

  describe('tokens for a resource', () => {
    const tokenFor = async (scope: string, by: Newcomer = person): Promise<string> =>
      (await apps.authorize(config, { person: by, over: { scope } })).access_token;

    it('an admin token reads or writes within its scopes', async () => {
      const [reader, writer] = [await tokenFor('admin:read'), await tokenFor('admin:read admin:write')];
      const as = (token: string) => stage.gateway.admin.as(token);
      expect((await as(reader).get('/api/me')).body.user).toMatchObject({ id: person.id });
      expect((await as(reader).get('/api/teams')).status).toBe(200);
      expect((await as(reader).post('/api/teams', { name: 'By a reader' })).status).toBe(403);
      expect((await as(writer).post('/api/teams', { name: 'By a writer' })).status).toBe(201);
      // Write access includes read access.
      expect((await as(await tokenFor('admin:write')).get('/api/teams')).status).toBe(200);
    });

    it('an admin token is limited by the user’s permissions', async () => {
      const member = await apps.newcomer('member');
      const as = stage.gateway.admin.as(await tokenFor('admin:read admin:write', member));
      expect((await as.get('/api/me')).body.user).toMatchObject({ id: member.id });
      expect((await as.post('/api/teams', { name: 'By a member' })).status).toBe(403);
      expect((await as.get('/api/audit-log')).status).toBe(403);
    });

    it('a change with an admin token is audited as the user’s', async () => {
      const as = stage.gateway.admin.as(await tokenFor('admin:write'));
      const team = await as.create('/api/teams', { name: 'Audited' });
      expect(await apps.audited('team.create', team.id as string)).toEqual([
        expect.objectContaining({ actor_type: 'user', actor_id: person.id }),
      ]);
    });

    it('a token with llm:proxy gets 403 insufficient_scope from the admin API', async () => {
      const answer = await stage.gateway.admin.as(await tokenFor('llm:proxy')).get('/api/me');
      expect([answer.status, answer.body.code]).toEqual([403, 'insufficient_scope']);
    });

    it('an admin token gets 403 insufficient_scope on LLM routes', async () => {
      await apps.expectRefused(await tokenFor('admin:read admin:write'), 403, 'insufficient_scope');
      await apps.expectRefused(await tokenFor('admin:read'), 403, 'insufficient_scope', { family: 'anthropic' });
    });

    it('a token with openid and profile alone gets 403 insufficient_scope on LLM routes', async () => {
      await apps.expectRefused(await tokenFor('openid profile'), 403, 'insufficient_scope');
    });
  });
});
