/** Discovery by an app that knows only a base URL: metadata, key set, challenges, and self-registration. */
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { Sweeper } from '../../../src/oauth/storage/sweeper.js';
import { PROVIDERS } from '../../../src/providers/registry.js';
import { DAY, LibraryApps, refusalOf, type Newcomer } from '../../support/oauth/openid-client-app.js';
import { REDIRECT_URI } from '../../support/oauth/oauth-driver.js';
import { familyOf, fromAnyone, startStage, type Stage } from '../../support/gateway/stage.js';

const insecure = { [oauth.allowInsecureRequests]: true };
const UUID = '0192f0c1-2345-7abc-8def-0123456789ab';
const WELL_KNOWN = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];

describe('discovery and registration by a base URL', () => {
  let stage: Stage;
  let apps: LibraryApps;
  let server: oauth.AuthorizationServer;
  let person: Newcomer;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
    server = await discovered('oauth2');
    person = await apps.newcomer();
  });
  afterAll(() => stage.close());

  const url = () => stage.gateway.url;
  const discovered = async (algorithm: 'oidc' | 'oauth2') =>
    oauth.processDiscoveryResponse(apps.issuer, await oauth.discoveryRequest(apps.issuer, { algorithm, ...insecure }));

  describe('authorization server metadata (RFC 8414, OpenID Connect Discovery)', () => {
    it('both authorization server metadata documents list the same supported features', async () => {
      expect(await discovered('oidc')).toEqual(server);
      const below = `${url()}/api/auth/oauth2`;
      expect(server).toEqual(
        expect.objectContaining({
          issuer: url(),
          authorization_endpoint: `${below}/authorize`,
          token_endpoint: `${below}/token`,
          registration_endpoint: `${below}/register`,
          revocation_endpoint: `${below}/revoke`,
          introspection_endpoint: `${below}/introspect`,
          userinfo_endpoint: `${below}/userinfo`,
          device_authorization_endpoint: `${below}/device`,
          pushed_authorization_request_endpoint: `${below}/par`,
          end_session_endpoint: `${below}/end-session`,
          jwks_uri: `${url()}/api/auth/jwks`,
          response_types_supported: ['code'],
          code_challenge_methods_supported: ['S256'],
          authorization_response_iss_parameter_supported: true,
          client_id_metadata_document_supported: true,
          subject_types_supported: ['public'],
        }),
      );
      expect([...server.grant_types_supported!].sort()).toEqual([
        'authorization_code',
        'client_credentials',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:device_code',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ]);
      expect([...server.token_endpoint_auth_methods_supported!].sort()).toEqual([
        'client_secret_basic',
        'client_secret_post',
        'none',
        'private_key_jwt',
      ]);
      expect(server.scopes_supported).toEqual(
        expect.arrayContaining(['llm:proxy', 'admin:read', 'admin:write', 'openid', 'offline_access']),
      );
    });

    it('the authorization server metadata lists only asymmetric algorithms', () => {
      const algorithms = Object.entries(server).filter(([name]) => /_(?:alg|enc)_values_supported$/.test(name));
      expect(algorithms.map(([name]) => name)).toEqual(
        expect.arrayContaining([
          'id_token_signing_alg_values_supported',
          'token_endpoint_auth_signing_alg_values_supported',
        ]),
      );
      for (const [, values] of algorithms) {
        expect(values).toEqual(expect.any(Array));
        for (const value of values as string[]) expect(value).toMatch(/^(?:RS|PS|ES)\d{3}$|^Ed(?:DSA|25519)$/);
      }
      expect(server).not.toHaveProperty('dpop_signing_alg_values_supported');
    });

    it('the authorization server metadata ignores the Host and forwarding headers of the request', async () => {
      for (const path of [...WELL_KNOWN, '/.well-known/oauth-protected-resource/v1', '/api/auth/jwks']) {
        const honest = await stage.wire.call('GET', path);
        const head = [
          `GET ${path} HTTP/1.1`,
          'host: evil.example',
          'x-forwarded-host: evil.example',
          'x-forwarded-proto: https',
          'forwarded: host=evil.example;proto=https',
          'connection: close',
        ];
        const [, text] = (await stage.wire.raw(`${head.join('\r\n')}\r\n\r\n`)).split('\r\n\r\n');
        expect(honest.status).toBe(200);
        expect(text).toBe(honest.text);
      }
    });

    it('the authorization server metadata is cacheable for five minutes and readable across origins', async () => {
      for (const path of [...WELL_KNOWN, '/api/auth/jwks']) {
        const { headers } = await fetch(url() + path, { headers: { origin: 'https://app.example.com' } });
        expect([headers.get('cache-control'), headers.get('access-control-allow-origin')]).toEqual([
          'public, max-age=300',
          'https://app.example.com',
        ]);
      }
    });

    it('the published key set contains only public keys', async () => {
      const { keys } = (await (await fetch(server.jwks_uri!)).json()) as { keys: Record<string, string>[] };
      expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
      for (const key of keys) {
        expect(key.use).toBe('sig');
        for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
      }
    });
  });

  describe('protected resource metadata (RFC 9728)', () => {
    const bases = () => [
      '/v1',
      ...[...PROVIDERS.map(({ id }) => id), 'model-router'].flatMap((id) => [`/v1/${id}`, `/v1/${id}/${UUID}`]),
    ];

    it('the resource metadata of every LLM base URL names the authorization server', async () => {
      expect(bases().length).toBeGreaterThan(10);
      for (const base of bases()) {
        const resource = new URL(url() + base);
        const response = await oauth.resourceDiscoveryRequest(resource, insecure);
        expect(await oauth.processResourceDiscoveryResponse(resource, response)).toEqual({
          resource: resource.href,
          authorization_servers: [url()],
          bearer_methods_supported: ['header'],
          scopes_supported: ['llm:proxy'],
          resource_name: 'Gatehouse',
        });
      }
    });

    it('the resource metadata of the admin API names the admin scopes', async () => {
      const resource = new URL(`${url()}/api`);
      const response = await oauth.resourceDiscoveryRequest(resource, insecure);
      expect(await oauth.processResourceDiscoveryResponse(resource, response)).toMatchObject({
        authorization_servers: [url()],
        scopes_supported: ['admin:read', 'admin:write'],
      });
    });

    it.each(['/v1/nobody', '/v1/openai/not-an-id', '/v2', `/v1/openai/${UUID}/chat/completions`, '/../v1'])(
      'the resource metadata endpoint responds 404 for %s',
      async (path) => {
        const answer = await stage.wire.call('GET', `/.well-known/oauth-protected-resource${path}`);
        expect([answer.status, answer.json.code]).toEqual([404, 'not_found']);
      },
    );

    it('the challenge of a call without a credential leads an app to a working token', async () => {
      const refused = await stage.chat(familyOf('anthropic'), []);
      expect(refused.status).toBe(401);
      const challenge = refused.headers['www-authenticate']!;
      expect(challenge).not.toContain('error=');
      const [, metadataUrl] = /resource_metadata="([^"]+)"/.exec(challenge)!;
      const [, scope] = /scope="([^"]+)"/.exec(challenge)!;
      const resource = (await (await fetch(metadataUrl!)).json()) as oauth.ResourceServer;
      const issuer = new URL(resource.authorization_servers![0]!);

      const config = await oidc.dynamicClientRegistration(
        issuer,
        { client_name: 'From nothing', redirect_uris: [REDIRECT_URI] },
        oidc.None(),
        { execute: [oidc.allowInsecureRequests], algorithm: 'oauth2' },
      );
      const over = { redirect_uri: REDIRECT_URI, scope: scope!, resource: resource.resource };
      const { access_token } = await apps.authorize(config, { person, over });
      await apps.expectServed(access_token, { family: 'anthropic' });
    });

    it('the challenge of a call with an invalid token states invalid_token and the metadata URL', async () => {
      const config = await apps.configure({ clientId: 'llm_oauth_any' });
      const before = stage.fake.started;
      const call = oidc.fetchProtectedResource(config, 'llm_ut_nothing', new URL(`${url()}/v1/openai/models`), 'GET');
      const problem: unknown = await call.catch((error: unknown) => error);
      expect(problem).toBeInstanceOf(oidc.WWWAuthenticateChallengeError);
      const { cause, status } = problem as oidc.WWWAuthenticateChallengeError;
      expect([status, cause]).toEqual([
        401,
        [
          {
            scheme: 'bearer',
            parameters: expect.objectContaining({
              error: 'invalid_token',
              scope: 'llm:proxy',
              resource_metadata: `${url()}/.well-known/oauth-protected-resource/v1`,
            }),
          },
        ],
      ]);
      expect(stage.fake.started).toBe(before);
    });
  });

  describe('dynamic client registration (RFC 7591)', () => {
    const registering = (metadata: object) => oauth.dynamicClientRegistrationRequest(server, metadata, insecure);
    const register = async (metadata: object) =>
      oauth.processDynamicClientRegistrationResponse(await registering(metadata)) as Promise<Record<string, unknown>>;
    const refusal = async (metadata: object) => {
      const response = await registering(metadata);
      const body = (await response.json()) as { error: string; error_description: string };
      return { status: response.status, error: body.error, description: body.error_description };
    };

    it('a public client registers itself and obtains tokens', async () => {
      const client = await register({
        client_name: 'Self-made',
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        scope: 'llm:proxy offline_access',
      });
      expect(client).toMatchObject({
        client_id: expect.stringMatching(/^llm_oauth_[\w-]{22}$/),
        client_id_issued_at: expect.any(Number),
        client_name: 'Self-made',
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: 'none',
        scope: 'llm:proxy offline_access',
      });
      for (const secret of ['client_secret', 'registration_access_token', 'registration_client_uri']) {
        expect(client).not.toHaveProperty(secret);
      }
      const config = await apps.configure({ clientId: client.client_id as string });
      const over = { redirect_uri: REDIRECT_URI, scope: 'llm:proxy offline_access' };
      const tokens = await apps.authorize(config, { person, over });
      await apps.expectServed(tokens.access_token);
      await apps.expectServed((await oidc.refreshTokenGrant(config, tokens.refresh_token!)).access_token);
    });

    it('redirect_uris alone suffice for a registration', async () => {
      const client = await register({ redirect_uris: [REDIRECT_URI] });
      expect(client).toMatchObject({
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      });
      expect(client).not.toHaveProperty('client_secret');
    });

    it('a native app registers a private-use URI scheme, also without application_type', async () => {
      const uri = 'com.example.app:/callback';
      for (const type of [{ application_type: 'native' }, {}]) {
        const client = await register({ redirect_uris: [uri], ...type });
        expect(client.application_type).toBe('native');
        const config = await apps.configure({ clientId: client.client_id as string });
        const { url: start, checks } = await apps.begin(config, { redirect_uri: uri });
        const { place } = await apps.walk(start, { person });
        expect(place.url.href).toMatch(/^com\.example\.app:\/callback\?/);
        await apps.expectServed((await oidc.authorizationCodeGrant(config, place.url, checks)).access_token);
      }
    });

    it('a registered loopback address accepts any port (RFC 8252 §7.3)', async () => {
      const client = await register({ redirect_uris: ['http://127.0.0.1/callback'], application_type: 'native' });
      const config = await apps.configure({ clientId: client.client_id as string });
      const redirect_uri = 'http://127.0.0.1:52731/callback';
      await apps.expectServed((await apps.authorize(config, { person, over: { redirect_uri } })).access_token);
    });

    it.each([
      ['client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }],
      ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }],
      ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }],
      ['private_key_jwt and jwks', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } }],
      [
        'private_key_jwt and jwks_uri',
        { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example.com/jwks' },
      ],
      [
        'tls_client_auth',
        { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'app.example.com' },
      ],
      ['the client_credentials grant', { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
      ['the implicit grant', { grant_types: ['implicit'], response_types: ['token'] }],
      ['the password grant', { grant_types: ['password'] }],
      [
        'the response type code id_token',
        { response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'] },
      ],
      ['an unknown scope', { scope: 'llm:proxy root' }],
      ['HS256 for ID tokens', { id_token_signed_response_alg: 'HS256' }],
      ['none for ID tokens', { id_token_signed_response_alg: 'none' }],
      ['a line break in client_name', { client_name: 'Official\nIDE' }],
      ['a direction override in client_name', { client_name: 'Official \u202eEDI' }],
      ['an oversized client_name', { client_name: 'x'.repeat(201) }],
    ])('a registration with %s is rejected with invalid_client_metadata', async (_, over) => {
      const answer = await refusal({ redirect_uris: [REDIRECT_URI], ...over });
      expect(answer).toEqual({ status: 400, error: 'invalid_client_metadata', description: expect.any(String) });
    });

    it.each([
      'http://app.example.com/callback',
      'http://localhost.evil.example/callback',
      'http://127.0.0.1.evil.example/callback',
      'https://app.example.com/callback#fragment',
      'https://*.example.com/callback',
      'https://user@app.example.com/callback',
      'https://app.example.com/a/../callback',
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'custom:/callback',
      '/callback',
      '',
    ])('a registration with the address %p is rejected with 400', async (uri) => {
      for (const over of [
        { redirect_uris: [uri] },
        { redirect_uris: [REDIRECT_URI], post_logout_redirect_uris: [uri] },
      ]) {
        const { status, error } = await refusal(over);
        expect([over, status]).toEqual([over, 400]);
        expect(['invalid_redirect_uri', 'invalid_client_metadata']).toContain(error);
      }
    });

    it('a registration without a redirect URI or with 21 of them is rejected with 400', async () => {
      const many = Array.from({ length: 21 }, (_, i) => `${REDIRECT_URI}/${i}`);
      for (const over of [
        { redirect_uris: [] },
        { redirect_uris: many },
        { redirect_uris: [REDIRECT_URI], post_logout_redirect_uris: many },
      ]) {
        expect((await refusal(over)).status).toBe(400);
      }
    });

    it.each([
      ['plain text', 'text/plain', 'hello'],
      ['a form', 'application/x-www-form-urlencoded', 'redirect_uris=x'],
      ['broken JSON', 'application/json', '{'],
      ['a JSON array', 'application/json', '[]'],
      [
        'a NUL character',
        'application/json',
        JSON.stringify({ redirect_uris: [REDIRECT_URI], client_name: 'a\u0000b' }),
      ],
      [
        'an oversized body',
        'application/json',
        JSON.stringify({ redirect_uris: [REDIRECT_URI], pad: 'x'.repeat(100_000) }),
      ],
    ])('a registration request with %s gets a 4xx OAuth error', async (_, type, body) => {
      const response = await fetch(server.registration_endpoint!, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(await response.json()).toHaveProperty('error');
    });

    it('a registration cannot choose its client_id', async () => {
      const first = await register({ redirect_uris: [REDIRECT_URI], client_id: 'llm_oauth_mine' });
      expect(first.client_id).not.toBe('llm_oauth_mine');
      const second = await register({ redirect_uris: ['https://evil.example/'], client_id: first.client_id });
      expect(second.client_id).not.toBe(first.client_id);
    });

    it('a registration cannot be read, changed or deleted afterwards (RFC 7592 is not offered)', async () => {
      const { client_id } = await register({ redirect_uris: [REDIRECT_URI] });
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const address = `${server.registration_endpoint!}/${String(client_id)}`;
        const response = await fetch(address, { method, headers: { authorization: 'Bearer anything' } });
        expect([401, 404, 405]).toContain(response.status);
        expect(await response.text()).not.toContain(REDIRECT_URI);
      }
    });

    it('a registration is deleted after 30 days without use and kept after consent', async () => {
      const [unused, used] = [
        await register({ redirect_uris: [REDIRECT_URI] }),
        await register({ redirect_uris: [REDIRECT_URI] }),
      ];
      const configOf = ({ client_id }: Record<string, unknown>) => apps.configure({ clientId: client_id as string });
      const start = async (client: Record<string, unknown>) => {
        const begun = await apps.begin(await configOf(client), { redirect_uri: REDIRECT_URI });
        return (await apps.oauth.browser().go(begun.url)).status;
      };
      await apps.authorize(await configOf(used), { person, over: { redirect_uri: REDIRECT_URI } });
      const sweeper = stage.gateway.app.nest.get(Sweeper, { strict: false });
      try {
        stage.gateway.clock.advance(29 * DAY);
        await sweeper.sweep();
        expect([await start(unused), await start(used)]).toEqual([200, 200]);
        stage.gateway.clock.advance(2 * DAY);
        await sweeper.sweep();
        expect([await start(unused), await start(used)]).toEqual([400, 200]);
      } finally {
        stage.gateway.clock.offsetMs = 0;
      }
    });

    it('an address may register 120 clients an hour, then gets 429', async () => {
      const from = async (address: readonly [string, string]) =>
        fetch(server.registration_endpoint!, {
          method: 'POST',
          headers: { 'content-type': 'application/json', [address[0]]: address[1] },
          body: JSON.stringify({ redirect_uris: [REDIRECT_URI] }),
        });
      const [busy, idle] = [fromAnyone(), fromAnyone()];
      const statuses = [];
      for (let i = 0; i < 12; i++) {
        const answers = await Promise.all(Array.from({ length: 10 }, () => from(busy)));
        statuses.push(...answers.map(({ status }) => status));
      }
      expect(new Set(statuses)).toEqual(new Set([201]));
      const refused = await from(busy);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3600']);
      expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable' });
      expect((await from(idle)).status).toBe(201);
    });

    it('an unknown client_id gets invalid_client at the token endpoint', async () => {
      const config = await apps.configure({ clientId: 'llm_oauth_AAAAAAAAAAAAAAAAAAAAAA' });
      const call = oidc.refreshTokenGrant(config, 'llm_rt_nothing');
      expect(await refusalOf(call)).toMatchObject({ status: 401, error: 'invalid_client' });
    });
  });
});
