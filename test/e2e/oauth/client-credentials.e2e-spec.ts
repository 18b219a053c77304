/**
 * Applications that call on their own behalf, with openid-client and oauth4webapi: client authentication, and the
 * tokens they get.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT, type JWK } from 'jose';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import type { Json } from '../../support/http/admin-client.js';
import { LibraryApps, refusalOf, SECOND, time, type CreatedClient } from '../../support/oauth/openid-client-app.js';
import { basic } from '../../support/oauth/oauth-driver.js';
import { startStage, storedSecret, type Stage } from '../../support/gateway/stage.js';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const CLIENTS = '/api/llm-oauth-clients';

/** A key pair of a client, with the public half as registered. */
interface ClientKey {
  key: oauth.PrivateKey;
  jwk: JWK & { kid: string };
}

describe('the client credentials grant (RFC 6749 §4.4)', () => {
  let stage: Stage;
  let apps: LibraryApps;
  beforeAll(async () => {
    stage = await startStage();
    apps = new LibraryApps(stage);
  });
  afterEach(() => time.undo());
  afterAll(() => stage.close());

  const configured = async (client: CreatedClient): Promise<oidc.Configuration> => apps.configure(client);
  const tokenOf = async (client: CreatedClient): Promise<string> =>
    (await oidc.clientCredentialsGrant(await configured(client))).access_token;
  const patch = async (client: CreatedClient, change: object): Promise<void> => {
    const answer = await stage.gateway.admin.patch(`${CLIENTS}/${client.id}`, change);
    expect({ status: answer.status, body: answer.status === 200 ? null : answer.body }).toEqual({
      status: 200,
      body: null,
    });
  };

  async function newKey(alg: string, kid = `${alg} key`): Promise<ClientKey> {
    const { privateKey, publicKey } = await oauth.generateKeyPair(alg, { extractable: true });
    return { key: { key: privateKey, kid }, jwk: { ...(await exportJWK(publicKey)), kid } };
  }

  describe('an access token', () => {
    it.each(['oidc', 'oauth2'] as const)(
      'the token response matches the wire contract (discovery by %s)',
      async (algorithm) => {
        const client = await apps.service();
        const config = await apps.configure(client, oidc.ClientSecretBasic(client.clientSecret!), algorithm);
        const tokens = await oidc.clientCredentialsGrant(config);
        expect({ ...tokens }).toEqual({
          access_token: expect.stringMatching(/^llm_at_[\w-]{43}[0-9A-Za-z]{6}$/),
          token_type: 'bearer', // the library writes it in lower case
          expires_in: 3600,
          scope: 'llm:proxy',
        });
        await apps.expectServed(tokens.access_token);
      },
    );

    it('a client token response has token_type Bearer and cache-control no-store', async () => {
      const client = await apps.service();
      const { status, headers, body } = await apps.oauth.clientToken({ ...client, clientSecret: client.clientSecret! });
      expect(status).toBe(200);
      expect(body.token_type).toBe('Bearer');
      expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    });

    it('a client token uses the mapped provider key and is recorded for the client', async () => {
      const client = await apps.service();
      const token = await tokenOf(client);
      const answer = await apps.expectServed(token);
      expect(stage.fake.received.at(-1)!.headers.authorization).toBe(`Bearer ${storedSecret('openai')}`);
      expect(await stage.recordOf(answer)).toMatchObject({
        auth_method: 'oauth-client',
        oauth_client_id: client.id,
        user_id: null,
        provider_key_id: stage.providerKeyIds.openai,
      });
      await apps.expectRefused(token, 400, 'provider_not_mapped', { family: 'anthropic' });
    });

    it('a client token reaches only the LLM proxies in allowedLlmProxyIds', async () => {
      const listed = await stage.llmProxy();
      const unlisted = await stage.llmProxy();
      const token = await tokenOf(await apps.service({ allowedLlmProxyIds: [listed] }));
      await apps.expectServed(token, { proxyId: listed });
      await apps.expectRefused(token, 403, 'proxy_not_allowed', { proxyId: unlisted });
      await apps.expectRefused(token, 403, 'proxy_not_allowed');
      const none = await tokenOf(await apps.service({ allowedLlmProxyIds: [] }));
      await apps.expectRefused(none, 403, 'proxy_not_allowed');
    });

    it('a client token reaches a listed LLM proxy of a team without membership', async () => {
      const team = await stage.gateway.admin.create('/api/teams', { name: 'Guarded' });
      const proxy = await stage.llmProxy({ teamIds: [team.id] });
      const token = await tokenOf(await apps.service({ allowedLlmProxyIds: [proxy] }));
      await apps.expectServed(token, { proxyId: proxy });
    });

    it('a client token gets 401 from the admin API', async () => {
      const answer = await stage.gateway.admin.as(await tokenOf(await apps.service())).get('/api/me');
      expect(answer.status).toBe(401);
    });

    it('the audit entry of an issued client token names the secret used and omits the token', async () => {
      const client = await apps.service();
      const token = await tokenOf(client);
      const [entry, ...more] = await apps.auditedOf('oauth_token.issue', client);
      expect(more).toEqual([]);
      const { body } = await stage.gateway.admin.get(`${CLIENTS}/${client.id}`);
      expect(entry).toMatchObject({
        actor_type: 'app',
        actor_id: client.id,
        credential_id: body.secrets[0].id,
        after: {
          clientId: client.clientId,
          grantType: 'client_credentials',
          scope: 'llm:proxy',
          resource: `${stage.gateway.url}/v1`,
        },
      });
      expect(JSON.stringify(entry)).not.toContain(token.slice('llm_at_'.length));
    });
  });

  describe('scopes and resources', () => {
    let config: oidc.Configuration;
    beforeAll(async () => void (config = await configured(await apps.service())));
    const ask = (parameters: Record<string, string>) => refusalOf(oidc.clientCredentialsGrant(config, parameters));

    it('a client token has the scope llm:proxy and the LLM routes by default', async () => {
      const resource = `${stage.gateway.url}/v1`;
      const ways: Record<string, string>[] = [{ scope: 'llm:proxy' }, { resource }, { scope: 'llm:proxy', resource }];
      for (const parameters of ways) {
        const tokens = await oidc.clientCredentialsGrant(config, parameters);
        expect(tokens.scope).toBe('llm:proxy');
        await apps.expectServed(tokens.access_token);
      }
    });

    it.each(['admin:read', 'admin:write', 'llm:proxy admin:read', 'root', 'llm:proxy root', 'LLM:PROXY'])(
      'the token endpoint rejects the scope %p with invalid_scope',
      async (scope) => {
        expect(await ask({ scope })).toMatchObject({ status: 400, error: 'invalid_scope' });
      },
    );

    it('the token endpoint rejects openid and offline_access with invalid_scope', async () => {
      expect(await ask({ scope: 'openid llm:proxy' })).toMatchObject({ status: 400, error: 'invalid_scope' });
      expect(await ask({ scope: 'llm:proxy offline_access' })).toMatchObject({ status: 400, error: 'invalid_scope' });
    });

    it.each([
      ['the admin API', '/api'],
      ['an unknown path', '/v1/nobody'],
      ['another host', null],
    ])('the token endpoint rejects the resource of %s with invalid_target (RFC 8707 §2)', async (_, path) => {
      const resource = path === null ? 'https://elsewhere.example/v1' : stage.gateway.url + path;
      expect(await ask({ resource })).toMatchObject({ status: 400, error: 'invalid_target' });
    });
  });

  describe('client authentication by a secret (RFC 6749 §2.3.1)', () => {
    it.each(['client_secret_basic', 'client_secret_post'])(
      'a client registered for %s authenticates by the header and by the form',
      async (method) => {
        const client = await apps.service({ tokenEndpointAuthMethod: method });
        for (const auth of [oidc.ClientSecretBasic, oidc.ClientSecretPost]) {
          const tokens = await oidc.clientCredentialsGrant(await apps.configure(client, auth(client.clientSecret!)));
          await apps.expectServed(tokens.access_token);
        }
      },
    );

    it.each([
      ['a wrong secret', (client: CreatedClient) => basic(client.clientId, `${client.clientSecret!.slice(0, -1)}x`)],
      ['another client’s secret', (_: CreatedClient, other: CreatedClient) => basic(_.clientId, other.clientSecret!)],
      ['an unknown client', (client: CreatedClient) => basic('llm_oauth_nobody', client.clientSecret!)],
    ])('the token endpoint rejects %s with 401 invalid_client and a challenge', async (_, credentials) => {
      const header = credentials(await apps.service(), await apps.service());
      const answer = await apps.oauth.token({ grant_type: 'client_credentials' }, header);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ error: 'invalid_client', error_description: 'client authentication failed' });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="/);
    });

    it('a failed client authentication is audited without the secret', async () => {
      const client = await apps.service();
      await apps.oauth.token({ grant_type: 'client_credentials' }, basic(client.clientId, 'llm_secret_wrong'));
      const entries = await apps.audited('oauth_client.authentication_failed', client.id);
      expect(entries).toEqual([
        expect.objectContaining({ actor_type: 'app', actor_id: client.id, client_address: '127.0.0.1', before: null }),
      ]);
      expect(entries[0].request_id).toEqual(expect.any(String));
      expect(JSON.stringify(entries)).not.toContain('llm_secret_wrong');
    });

    it('the token endpoint rejects two client proofs and a proof for another client_id', async () => {
      const client = await apps.service();
      const header = basic(client.clientId, client.clientSecret!);
      const grant = { grant_type: 'client_credentials' };
      expect(await apps.oauth.token({ ...grant, client_secret: client.clientSecret! }, header)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
      expect(await apps.oauth.token({ ...grant, client_id: 'llm_oauth_other' }, header)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    });

    it('a client without a proof is rejected, and cannot be registered for client_credentials', async () => {
      const service = await apps.service();
      const config = await apps.configure(service, oidc.None());
      expect(await refusalOf(oidc.clientCredentialsGrant(config))).toMatchObject({
        status: 401,
        error: 'invalid_client',
      });
      const created = await stage.gateway.admin.post(CLIENTS, {
        name: 'public',
        grantType: 'client_credentials',
        tokenEndpointAuthMethod: 'none',
      });
      expect(created.status).toBe(400);
    });

    it('an authorization_code client gets unauthorized_client for the client credentials grant', async () => {
      const app = await apps.app();
      const refusal = await refusalOf(oidc.clientCredentialsGrant(await configured(app)));
      expect(refusal).toMatchObject({ status: 400, error: 'unauthorized_client' });
      const open = await apps.app({ tokenEndpointAuthMethod: 'none' });
      expect((await refusalOf(oidc.clientCredentialsGrant(await configured(open)))).status).toBe(400);
    });
  });

  describe('rotation of a secret', () => {
    const rotate = async (client: CreatedClient, body: object = {}): Promise<CreatedClient> => {
      const answer = await stage.gateway.admin.post(`${CLIENTS}/${client.id}/rotate-secret`, body);
      expect(answer.status).toBe(200);
      return answer.body as CreatedClient;
    };
    const secretsOf = async (client: CreatedClient): Promise<Json[]> =>
      (await stage.gateway.admin.get(`${CLIENTS}?search=${client.clientId}`)).body.data[0].secrets as Json[];

    it('both client secrets are accepted until the overlap ends, each with its lastUsedAt', async () => {
      const client = await apps.service();
      const [unused] = await secretsOf(client);
      expect(unused.lastUsedAt).toBeNull();
      const rotated = await rotate(client, { overlapSeconds: 60 });
      expect(rotated.clientSecret).not.toBe(client.clientSecret);

      await tokenOf(client);
      const [fresh, old] = await secretsOf(client);
      expect([fresh.last4, old.last4]).toEqual([rotated.clientSecret!.slice(-4), client.clientSecret!.slice(-4)]);
      expect([fresh.lastUsedAt, old.lastUsedAt]).toEqual([null, expect.any(String)]);
      await tokenOf(rotated);
      expect((await secretsOf(client))[0].lastUsedAt).toEqual(expect.any(String));

      time.travel(61 * SECOND);
      expect(await refusalOf(tokenOf(client))).toMatchObject({ status: 401, error: 'invalid_client' });
      await tokenOf(rotated);
      expect(await secretsOf(client)).toHaveLength(1);
    });

    it('a secret rotation with overlapSeconds 0 rejects the old secret and keeps issued tokens', async () => {
      const client = await apps.service();
      const token = await tokenOf(client);
      await rotate(client, { overlapSeconds: 0 });
      expect(await refusalOf(tokenOf(client))).toMatchObject({ status: 401, error: 'invalid_client' });
      await apps.expectServed(token);
    });

    it('a secret rotation with revokeTokens revokes issued tokens immediately', async () => {
      const client = await apps.service();
      const token = await tokenOf(client);
      await apps.expectServed(token);
      const rotated = await rotate(client, { revokeTokens: true });
      await apps.expectRefused(token, 401, 'credential_invalid');
      await apps.expectServed(await tokenOf(rotated));
    });
  });

  describe('client authentication by a key (RFC 7523, OpenID Connect Core §9)', () => {
    it.each(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'Ed25519'])(
      'a client authenticates with a registered %s key',
      async (alg) => {
        const { key, jwk } = await newKey(alg);
        const client = await apps.service({ jwks: { keys: [jwk] } });
        expect(client.clientSecret).toBeNull();
        const tokens = await oidc.clientCredentialsGrant(await apps.configure(client, oidc.PrivateKeyJwt(key)));
        await apps.expectServed(tokens.access_token);
      },
    );

    it('oauth4webapi authenticates by private_key_jwt with either discovery document', async () => {
      const { key, jwk } = await newKey('ES256');
      const { clientId } = await apps.service({ jwks: { keys: [jwk] } });
      const insecure = { [oauth.allowInsecureRequests]: true };
      for (const algorithm of ['oidc', 'oauth2'] as const) {
        const found = await oauth.discoveryRequest(apps.issuer, { algorithm, ...insecure });
        const server = await oauth.processDiscoveryResponse(apps.issuer, found);
        const client = { client_id: clientId };
        const auth = oauth.PrivateKeyJwt(key);
        const response = await oauth.clientCredentialsGrantRequest(server, client, auth, {}, insecure);
        const tokens = await oauth.processClientCredentialsResponse(server, client, response);
        await apps.expectServed(tokens.access_token);
      }
    });

    it('an Ed25519 key verifies assertions under the older name EdDSA', async () => {
      const { key, jwk } = await newKey('Ed25519');
      for (const registered of [jwk, { ...jwk, alg: 'EdDSA' }]) {
        const client = await apps.service({ jwks: { keys: [registered] } });
        expect(await assertionAnswer(client, await assertion(client, key, { alg: 'EdDSA' }))).toMatchObject({
          status: 200,
        });
      }
    });

    it('the token endpoint rejects another client’s key and a removed key', async () => {
      const [own, other] = [await newKey('ES256', 'k'), await newKey('ES256', 'k')];
      const client = await apps.service({ jwks: { keys: [own.jwk] } });
      const ask = async (key: ClientKey) =>
        oidc.clientCredentialsGrant(await apps.configure(client, oidc.PrivateKeyJwt(key.key)));
      await ask(own);
      expect(await refusalOf(ask(other))).toMatchObject({ status: 401, error: 'invalid_client' });
      await patch(client, { jwks: { keys: [other.jwk] } });
      expect(await refusalOf(ask(own))).toMatchObject({ status: 401, error: 'invalid_client' });
      await ask(other);
    });

    describe('a client assertion', () => {
      let client: CreatedClient;
      let key: oauth.PrivateKey;
      let publicKey: JWK;
      beforeAll(async () => {
        const made = await newKey('ES256');
        key = made.key;
        publicKey = made.jwk;
        client = await apps.service({ jwks: { keys: [made.jwk] } });
      });

      it.each([
        ['issuer', () => stage.gateway.url],
        ['token endpoint', () => `${stage.gateway.url}/api/auth/oauth2/token`],
      ])('a client assertion may name the %s as its audience', async (_, aud) => {
        const signed = await assertion(client, key, { claims: { aud: aud() } });
        expect(await assertionAnswer(client, signed)).toMatchObject({ status: 200 });
      });

      it('a client assertion is accepted only once', async () => {
        const signed = await assertion(client, key);
        expect(await assertionAnswer(client, signed)).toMatchObject({ status: 200 });
        expect(await assertionAnswer(client, signed)).toMatchObject(refused);
      });

      it('a client assertion sent five times concurrently is accepted once', async () => {
        const signed = await assertion(client, key);
        const answers = await Promise.all(Array.from({ length: 5 }, () => assertionAnswer(client, signed)));
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
      });

      const refused = {
        status: 401,
        body: { error: 'invalid_client', error_description: 'client authentication failed' },
      };
      const now = (): number => Math.floor(Date.now() / 1000);
      it.each<[string, () => Partial<AssertionParts>]>([
        ['for another audience', () => ({ claims: { aud: 'https://elsewhere.example' } })],
        [
          'for an audience that only begins with the issuer',
          () => ({ claims: { aud: `${stage.gateway.url}.evil.example` } }),
        ],
        ['that has expired', () => ({ claims: { iat: now() - 120, exp: now() - 60 } })],
        ['that is not valid yet', () => ({ claims: { nbf: now() + 60 } })],
        ['without exp', () => ({ claims: { exp: undefined } })],
        ['that lives for years', () => ({ claims: { exp: now() + 365 * 86_400 } })],
        ['whose exp is out of range', () => ({ claims: { exp: 1e20 } })],
        ['without jti', () => ({ claims: { jti: undefined } })],
        ['of another issuer', () => ({ claims: { iss: 'llm_oauth_somebody' } })],
        ['without an audience', () => ({ claims: { aud: undefined } })],
      ])('a client assertion %s is rejected with 401 invalid_client', async (_, parts) => {
        const answer = await assertionAnswer(client, await assertion(client, key, parts()));
        expect(answer).toMatchObject(refused);
      });

      it('a client assertion signed with HS256 is rejected, even with the public key as its secret', async () => {
        const secrets = [JSON.stringify(publicKey), 'secret of nobody in particular, at least this long'];
        for (const secret of secrets) {
          const signed = await assertion(client, { key: new TextEncoder().encode(secret) as never }, { alg: 'HS256' });
          expect(await assertionAnswer(client, signed)).toMatchObject(refused);
        }
      });

      it('a client assertion without a signature is rejected with 401 invalid_client', async () => {
        const [, payload] = (await assertion(client, key)).split('.');
        const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
        expect(await assertionAnswer(client, `${header}.${payload}.`)).toMatchObject(refused);
      });

      it('a client assertion for a client other than client_id is rejected with 400 invalid_request', async () => {
        const signed = await assertion(client, key);
        const answer = await assertionAnswer({ ...client, clientId: 'llm_oauth_other' }, signed);
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      });

      it('a rejected client assertion is audited', async () => {
        const own = await apps.service({ jwks: { keys: [publicKey] } });
        await assertionAnswer(own, await assertion(own, key, { claims: { aud: 'https://elsewhere.example' } }));
        const entries = await apps.audited('oauth_client.authentication_failed', own.id);
        expect(entries).toEqual([expect.objectContaining({ actor_id: own.id })]);
      });
    });

    describe('keys published by the client (jwks_uri)', () => {
      let server: Server;
      let answers: () => { status: number; headers?: Record<string, string>; body: string };
      let asked = 0;
      let address: string;
      beforeAll(async () => {
        server = createServer((_, response) => {
          asked++;
          const { status, headers = {}, body } = answers();
          response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      });
      afterAll(() => new Promise((resolve) => server.close(resolve)));

      const publishing = (...keys: ClientKey[]) =>
        void (answers = () => ({ status: 200, body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }) }));
      const clientAt = (jwksUri: string): Promise<CreatedClient> => apps.service({ jwksUri });
      const ask = async (client: CreatedClient, { key }: ClientKey) =>
        oidc.clientCredentialsGrant(await apps.configure(client, oidc.PrivateKeyJwt(key)));

      it.each(['RS256', 'ES256', 'Ed25519'])(
        'a %s key at jwks_uri is fetched once for many assertions',
        async (alg) => {
          const key = await newKey(alg);
          publishing(key);
          const client = await clientAt(`${address}/${alg}.json`);
          const before = asked;
          const tokens = await ask(client, key);
          await ask(client, key);
          expect(asked).toBe(before + 1);
          await apps.expectServed(tokens.access_token);
        },
      );

      it('a redirect of jwks_uri is not followed', async () => {
        const key = await newKey('ES256');
        const client = await clientAt(`${address}/redirects`);
        let hops = 0;
        answers = () =>
          hops++ === 0
            ? { status: 302, headers: { location: `${address}/keys.json` }, body: '' }
            : { status: 200, body: JSON.stringify({ keys: [key.jwk] }) };
        expect((await refusalOf(ask(client, key))).status).toBeGreaterThanOrEqual(400);
        expect(hops).toBe(1);
      });

      it.each([
        ['an error', () => ({ status: 500, body: '' })],
        ['HTML', () => ({ status: 200, body: '<html>' })],
        ['a JSON array', () => ({ status: 200, body: '[]' })],
        ['an oversized key set', () => ({ status: 200, body: JSON.stringify({ keys: [], pad: 'x'.repeat(70_000) }) })],
      ])('a client is rejected with 401 invalid_client while its jwks_uri returns %s', async (what, answer) => {
        const client = await clientAt(`${address}/${encodeURIComponent(what)}`);
        answers = answer;
        const refusal = await refusalOf(ask(client, await newKey('ES256')));
        expect(refusal).toMatchObject({ status: 401, error: 'invalid_client' });
      });

      it('a jwks_uri with an address outside UPSTREAM_ALLOWED_HOSTS is not fetched', async () => {
        const created = await stage.gateway.admin.post(CLIENTS, {
          name: 'reaching inside',
          grantType: 'client_credentials',
          jwksUri: 'http://169.254.169.254/latest/meta-data',
        });
        expect([created.status, created.body.errors[0].pointer]).toEqual([400, '/jwksUri']);
        // A host name is resolved only when it is used.
        const client = await clientAt('https://localhost/keys.json');
        const before = asked;
        const refusal = await refusalOf(ask(client, await newKey('ES256')));
        expect(refusal).toMatchObject({ status: 401, error: 'invalid_client' });
        expect(asked).toBe(before);
      });
    });
  });

  describe('token lifetime', () => {
    const lifeOf = async (client: CreatedClient): Promise<number> =>
      (await oidc.clientCredentialsGrant(await configured(client))).expires_in!;
    const organization = (seconds: number) =>
      stage.gateway.admin.patch('/api/organization', { clientTokenLifetimeSeconds: seconds });

    it('a client token lives for an hour, or as the organization or the client sets it', async () => {
      const client = await apps.service();
      const ruled = await apps.service({ tokenLifetimeSeconds: 300 });
      expect([await lifeOf(client), await lifeOf(ruled)]).toEqual([3600, 300]);
      await organization(7200);
      try {
        expect([await lifeOf(client), await lifeOf(ruled)]).toEqual([7200, 300]);
        await patch(ruled, { tokenLifetimeSeconds: null });
        expect(await lifeOf(ruled)).toBe(7200);
      } finally {
        await organization(3600);
      }
      expect(await lifeOf(client)).toBe(3600);
    });

    it('a client token expires at the second of its expires_in', async () => {
      const token = await tokenOf(await apps.service({ tokenLifetimeSeconds: 300 }));
      time.travel(299 * SECOND - 900);
      await apps.expectServed(token);
      time.travel(1900);
      await apps.expectRefused(token, 401, 'credential_expired');
    });
  });

  describe('immediate effect of changes', () => {
    it('a disabled client gets 401, and enabling it does not restore its tokens', async () => {
      const client = await apps.service();
      const token = await tokenOf(client);
      await apps.expectServed(token);
      await patch(client, { isDisabled: true });
      await apps.expectRefused(token, 401, 'credential_invalid');
      expect(await refusalOf(tokenOf(client))).toMatchObject({ status: 401, error: 'invalid_client' });
      await patch(client, { isDisabled: false });
      await apps.expectRefused(token, 401, 'credential_invalid');
      await apps.expectServed(await tokenOf(client));
    });

    it('a deleted client gets 401, also with tokens issued before', async () => {
      const client = await apps.service();
      const token = await tokenOf(client);
      await apps.expectServed(token);
      expect((await stage.gateway.admin.delete(`${CLIENTS}/${client.id}`)).status).toBe(204);
      await apps.expectRefused(token, 401, 'credential_invalid');
      expect(await refusalOf(tokenOf(client))).toMatchObject({ status: 401, error: 'invalid_client' });
    });

    it('issued client tokens follow changes of provider mappings immediately', async () => {
      const client = await apps.service();
      const token = await tokenOf(client);
      await apps.expectServed(token);
      await patch(client, {
        providerApiKeys: [{ provider: 'anthropic', providerApiKeyId: stage.providerKeyIds.anthropic }],
      });
      await apps.expectRefused(token, 400, 'provider_not_mapped');
      await apps.expectServed(token, { family: 'anthropic' });
    });

    it('issued client tokens lose an LLM proxy as soon as it is removed from the client', async () => {
      const proxy = await stage.llmProxy();
      const client = await apps.service({ allowedLlmProxyIds: [stage.defaultProxyId, proxy] });
      const token = await tokenOf(client);
      await apps.expectServed(token, { proxyId: proxy });
      await patch(client, { allowedLlmProxyIds: [stage.defaultProxyId] });
      await apps.expectRefused(token, 403, 'proxy_not_allowed', { proxyId: proxy });
      await apps.expectServed(token);
    });

    it('disabling a user revokes the tokens and authentication of their personal clients', async () => {
      const owner = await stage.person('editor');
      const key = await owner.admin.create('/api/llm-provider-api-keys', {
        name: 'own',
        provider: 'openai',
        apiKey: 'sk-own-0123456789',
      });
      const client = await apps.service(
        { scope: 'personal', providerApiKeys: [{ provider: 'openai', providerApiKeyId: key.id }] },
        owner.admin,
      );
      const token = await tokenOf(client);
      await apps.expectServed(token);
      await stage.gateway.admin.post(`/api/users/${owner.id}/disable`);
      await apps.expectRefused(token, 401, 'credential_invalid');
      expect((await refusalOf(tokenOf(client))).error).toBe('invalid_client');
      await stage.gateway.admin.post(`/api/users/${owner.id}/enable`);
      await apps.expectRefused(token, 401, 'credential_invalid');
      await apps.expectServed(await tokenOf(client));
    });
  });

  interface AssertionParts {
    alg: string;
    claims: Record<string, unknown>;
  }

  async function assertion(
    { clientId }: { clientId: string },
    { key, kid }: oauth.PrivateKey & { kid?: string },
    { alg = 'ES256', claims = {} }: Partial<AssertionParts> = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: clientId,
      sub: clientId,
      aud: stage.gateway.url,
      jti: oidc.randomState(),
      iat: now,
      exp: now + 60,
    };
    return new SignJWT({ ...all, ...claims }).setProtectedHeader({ alg, ...(kid ? { kid } : {}) }).sign(key);
  }

  const assertionAnswer = ({ clientId }: { clientId: string }, signed: string) =>
    apps.oauth.token({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: signed,
    });
});
