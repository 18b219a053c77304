/**
 * Clients without registration: their id is the https address of a document about them (Client ID Metadata Document).
 */
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { exportJWK } from 'jose';
import { HttpsServer } from '../../support/oauth/https-server.js';
import { LibraryApps, refusalOf, SECOND, time, type Newcomer } from '../../support/oauth/openid-client-app.js';
import { headingOf, type PageBrowser, type PageLocation } from '../../support/oauth/page-browser.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';

const REDIRECT = 'https://ide.example.com/callback';

describe('client ID metadata documents', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let person: Newcomer;
  let server: HttpsServer;
  /** A server in the private network, which UPSTREAM_ALLOWED_HOSTS allows for providers. */
  let inside: HttpsServer;
  beforeAll(async () => {
    server = await HttpsServer.start();
    inside = await HttpsServer.start('127.0.0.2');
    stage = await startStage({ UPSTREAM_ALLOWED_HOSTS: '127.0.0.1,127.0.0.2' }, { publicHosts: ['127.0.0.1'] });
    apps = new LibraryApps(stage);
    person = await apps.newcomer();
  });
  afterEach(() => time.undo());
  afterAll(async () => {
    await stage.close();
    await server.close();
    await inside.close();
  });

  let count = 0;
  /** Publishes a document and returns its address. */
  const publish = (over: Record<string, unknown> = {}, on = server): string => {
    const path = `/apps/${++count}.json`;
    const clientId = on.url + path;
    const document = {
      client_id: clientId,
      client_name: 'Public IDE',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...over,
    };
    on.responses.set(path, () => ({ body: JSON.stringify(document) }));
    return clientId;
  };
  const begin = async (clientId: string, over: Record<string, string> = {}) => {
    const config = await apps.configure({ clientId });
    return { config, ...(await apps.begin(config, { redirect_uri: REDIRECT, ...over })) };
  };
  const first = async (clientId: string, browser: PageBrowser = apps.oauth.browser()): Promise<PageLocation> =>
    browser.go((await begin(clientId)).url);
  const expectUnknown = (place: PageLocation): void => {
    expect([place.status, place.url.origin, headingOf(place.html)]).toEqual([
      400,
      stage.gateway.url,
      'This did not work',
    ]);
  };

  it('a metadata document makes a client whose users get working tokens', async () => {
    const clientId = publish();
    const { config, url, checks } = await begin(clientId, { scope: 'openid llm:proxy' });
    const { place, pages } = await apps.walk(url, { person });
    expect(pages).toEqual(['Sign in', 'Allow this app?']);
    const tokens = await oidc.authorizationCodeGrant(config, place.url, { ...checks, idTokenExpected: true });
    expect(tokens.claims()!.aud).toBe(clientId);
    const answer = await apps.expectServed(tokens.access_token);
    const [client] = await stage.sql<{ id: string }>('SELECT id FROM oauth_client WHERE client_id = $1', [clientId]);
    expect(await stage.recordOf(answer)).toMatchObject({ user_id: person.id, oauth_client_id: client!.id });
    await apps.expectServed((await oidc.refreshTokenGrant(config, tokens.refresh_token!)).access_token);
    expect(server.requests.filter((path) => clientId.endsWith(path))).toHaveLength(1);
  });

  it('a metadata document may state a key, which the client must then authenticate with', async () => {
    const { privateKey, publicKey } = await oauth.generateKeyPair('ES256', { extractable: true });
    const clientId = publish({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [await exportJWK(publicKey)] },
    });
    const { url, checks } = await begin(clientId);
    const { place } = await apps.walk(url, { person });
    const redeem = async (auth: oidc.ClientAuth) =>
      oidc.authorizationCodeGrant(await apps.configure({ clientId }, auth), place.url, checks);
    await expect(redeem(oidc.None())).rejects.toMatchObject({ status: 401, error: 'invalid_client' });
    await apps.expectServed((await redeem(oidc.PrivateKeyJwt(privateKey))).access_token);
  });

  it('a jwks_uri of a metadata document is fetched from public hosts only', async () => {
    const { privateKey, publicKey } = await oauth.generateKeyPair('ES256', { extractable: true });
    const keys = JSON.stringify({ keys: [await exportJWK(publicKey)] });
    const redeemWith = async (host: HttpsServer): Promise<oidc.TokenEndpointResponse> => {
      const path = `/keys/${++count}.json`;
      host.responses.set(path, () => ({ body: keys }));
      const method = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: host.url + path };
      const clientId = publish(method);
      const { url, checks } = await begin(clientId);
      const { place } = await apps.walk(url, { person });
      const config = await apps.configure({ clientId }, oidc.PrivateKeyJwt(privateKey));
      return oidc.authorizationCodeGrant(config, place.url, checks);
    };
    await apps.expectServed((await redeemWith(server)).access_token);
    const refused = await refusalOf(redeemWith(inside));
    expect([refused.status, refused.error]).toEqual([401, 'invalid_client']);
    expect(refused.description).toBe('client authentication failed');
    expect(inside.connections).toBe(0);
  });

  it.each([200, 302, 404, 500])(
    'a failed sector_identifier_uri does not reveal the host’s status %i',
    async (status) => {
      const path = `/sector/${++count}.json`;
      server.responses.set(path, () => ({ status, body: '{}' }));
      const { body } = await apps.oauth.register({ sector_identifier_uri: server.url + path });
      expect(server.requests).toContain(path);
      expect(body).toEqual({
        error: 'invalid_client_metadata',
        error_description: 'the sector_identifier_uri could not be checked',
      });
    },
  );

  it('the consent page names the host that published the document', async () => {
    const browser = apps.oauth.browser();
    const clientId = publish();
    const signIn = await first(clientId, browser);
    const { html } = await browser.submit(signIn, { email: person.email, password: person.password });
    expect(headingOf(html)).toBe('Allow this app?');
    const text = html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    expect(text).toContain(`Published by ${new URL(clientId).host}`);
    expect(text).toContain(`Sends you back to ${new URL(REDIRECT).host}`);
    expect(text).toContain('Not verified by your organization');
  });

  it('a document is read again after its lifetime, and a new name needs consent', async () => {
    const browser = apps.oauth.browser();
    const clientId = publish();
    const pages = async () => (await apps.walk((await begin(clientId)).url, { browser, person })).pages;
    expect(await pages()).toEqual(['Sign in', 'Allow this app?']);
    expect(await pages()).toEqual([]);
    const changed = {
      client_id: clientId,
      client_name: 'Official IDE',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'none',
    };
    server.responses.set(new URL(clientId).pathname, () => ({ body: JSON.stringify(changed) }));
    time.travel(31 * SECOND);
    expect(await pages()).toEqual(['Allow this app?']);
    expect(await pages()).toEqual([]);
  });

  it('a metadata document client is denied where self-registered apps are not allowed', async () => {
    const clientId = publish();
    const { config, url, checks } = await begin(clientId);
    const { place } = await apps.walk(url, { person });
    const tokens = await oidc.authorizationCodeGrant(config, place.url, checks);
    await stage.gateway.admin.patch('/api/organization', { allowSelfRegisteredApps: false });
    try {
      await apps.expectRefused(tokens.access_token, 401, 'credential_invalid');
      const { place: refused } = await apps.walk((await begin(clientId)).url, { person });
      expect(refused.url.searchParams.get('error')).toBe('access_denied');
    } finally {
      await stage.gateway.admin.patch('/api/organization', { allowSelfRegisteredApps: true });
    }
  });

  describe('rejected metadata documents', () => {
    it.each<[string, Record<string, unknown>]>([
      ['with another client id inside', { client_id: 'https://elsewhere.example/app.json' }],
      ['without a client id inside', { client_id: undefined }],
      ['with a secret', { client_secret: 'llm_secret_x' }],
      ['with secret authentication', { token_endpoint_auth_method: 'client_secret_basic' }],
      [
        'with the client_credentials grant',
        { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
      ],
      ['with an http callback', { redirect_uris: ['http://ide.example.com/callback'] }],
      ['with a javascript: callback', { redirect_uris: ['javascript:alert(1)'] }],
      ['without a callback', { redirect_uris: [] }],
      ['with a line break in its name', { client_name: 'Official\nIDE' }],
    ])('a metadata document %s is rejected and not stored', async (_, over) => {
      const clientId = publish(over);
      expectUnknown(await first(clientId));
      expect(await stage.sql('SELECT 1 FROM oauth_client WHERE client_id = $1', [clientId])).toEqual([]);
    });

    it.each<[string, (document: string) => { status?: number; body?: string }]>([
      ['with status 404', () => ({ status: 404 })],
      ['with status 500', () => ({ status: 500 })],
      ['in HTML', () => ({ body: '<html>' })],
      ['in a JSON array', () => ({ body: '[]' })],
      ['that is too large', (document) => ({ body: document + ' '.repeat(70_000) })],
    ])('a metadata document %s is rejected', async (_, answer) => {
      const clientId = publish();
      const { pathname } = new URL(clientId);
      const document = server.responses.get(pathname)!().body!;
      server.responses.set(pathname, () => answer(document));
      expectUnknown(await first(clientId));
    });

    it('a redirect of a metadata document is not followed', async () => {
      const clientId = publish();
      const target = publish({ client_id: clientId });
      server.responses.set(new URL(clientId).pathname, () => ({ status: 302, headers: { location: target } }));
      expectUnknown(await first(clientId));
      expect(server.requests).toContain(new URL(clientId).pathname);
      expect(server.requests).not.toContain(new URL(target).pathname);
    });

    it('a document at a private address is rejected without a connection', async () => {
      expectUnknown(await first(publish({}, inside)));
      expect(inside.connections).toBe(0);
    });

    it.each([
      'https://169.254.169.254/latest/meta-data',
      'https://[::1]/app.json',
      'https://10.0.0.1/app.json',
      'https://2130706434/app.json',
    ])('a client_id at %s is rejected', async (clientId) => {
      expectUnknown(await first(clientId));
    });

    it.each([
      ['over http', (address: string) => address.replace('https:', 'http:')],
      ['with a fragment', (address: string) => `${address}#x`],
      ['with a user', (address: string) => address.replace('https://', 'https://user@')],
      ['with dots in its path', (address: string) => address.replace('/apps/', '/apps/../apps/')],
    ])('a client_id %s is rejected without a request', async (_, altered) => {
      const clientId = publish();
      expectUnknown(await first(altered(clientId)));
      expect(server.requests).not.toContain(new URL(clientId).pathname);
    });

    it('a rejected document makes an unknown client at the token endpoint', async () => {
      const clientId = publish({ client_id: 'https://elsewhere.example/app.json' });
      const answer = await apps.oauth.refresh(clientId, 'llm_rt_nothing');
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(['invalid_client', 'invalid_client_metadata']).toContain(answer.body.error);
    });
  });
});
