/**
 * Exchanging tokens of an identity provider for tokens of the gateway: RFC 8693, and the JWT bearer grant for an
 * identity assertion (ID-JAG).
 */
import { EXCHANGE_CLIENT_ID, JWT_BEARER, TOKEN_EXCHANGE } from '../../../src/oauth/protocol/first-party-clients.js';
import type { Json } from '../../support/http/admin-client.js';
import { FakeIdp } from '../../support/oauth/fake-idp.js';
import { basic, OAuthDriver, type OAuthResponse } from '../../support/oauth/oauth-driver.js';
import { familyOf, startStage, type Stage } from '../../support/gateway/stage.js';

const openai = familyOf('openai');
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';

describe('exchange of identity provider tokens', () => {
  let stage: Stage;
  let oauth: OAuthDriver;
  let idp: FakeIdp;
  let ci: FakeIdp;
  let trust: Json;
  let workloads: Json;
  let app: Json;
  let userId: string;

  beforeAll(async () => {
    stage = await startStage();
    oauth = new OAuthDriver(stage.gateway.url);
    const { admin } = stage.gateway;
    idp = await FakeIdp.start();
    ci = await FakeIdp.start({ alg: 'ES256' });
    for (const each of [idp, ci]) each.now = () => stage.gateway.clock.now();
    const people = { providerId: 'acme', issuer: idp.issuer, audiences: ['gatehouse'] };
    trust = await admin.create('/api/identity-providers', people);
    userId = (await stage.person('member')).id;
    await admin.create(`/api/identity-providers/${trust.id}/links`, { subject: 'user-1', userId });
    workloads = await admin.create('/api/identity-providers', {
      providerId: 'ci',
      issuer: ci.issuer,
      kind: 'workload',
      audiences: ['gatehouse'],
    });
    app = await admin.create('/api/llm-oauth-clients', {
      name: 'Build',
      grantType: 'client_credentials',
      scope: 'org',
      allowedLlmProxyIds: [stage.defaultProxyId],
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: stage.providerKeyIds.openai }],
    });
    await admin.create(`/api/identity-providers/${workloads.id}/workloads`, {
      oauthClientId: app.id,
      subjectPattern: 'repo:acme/app:*',
      claims: {},
    });
  });
  afterAll(async () => {
    await Promise.all([idp?.close(), ci?.close()]);
    await stage?.close();
  });
  beforeEach(() => stage.fake.forget());

  let count = 0;
  /** Without a unique id, tokens of the same second would be identical. */
  const fresh = (claims: object = {}): string => idp.token({ jti: `t-${++count}`, ...claims });
  const exchange = (token: string, over: Record<string, string> = {}): Promise<OAuthResponse> =>
    oauth.token({
      grant_type: TOKEN_EXCHANGE,
      client_id: EXCHANGE_CLIENT_ID,
      subject_token: token,
      subject_token_type: JWT_TYPE,
      ...over,
    });
  const call = (token: string) => stage.chat(openai, [['authorization', `Bearer ${token}`]]);

  describe('token exchange (RFC 8693)', () => {
    it('a token exchange returns a short-lived user token without a refresh token', async () => {
      const answer = await exchange(fresh());
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.body).toEqual({
        access_token: expect.stringMatching(/^llm_ut_/),
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: expect.any(Number),
        scope: 'llm:proxy',
      });
      // Not longer than the token that it was exchanged for.
      expect(answer.body.expires_in).toBeGreaterThan(200);
      expect(answer.body.expires_in).toBeLessThanOrEqual(300);
      const called = await call(answer.body.access_token as string);
      expect(called.status).toBe(200);
      expect(await stage.recordOf(called)).toMatchObject({ auth_method: 'oauth-user', user_id: userId });
    });

    it('an IdP token is exchanged once, even by eight concurrent requests', async () => {
      const token = fresh({ jti: 'once' });
      const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(token)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400, 400, 400]);
      expect(answers.find(({ status }) => status === 400)!.body.error).toBe('invalid_grant');
    });

    it.each([
      ['of another audience', () => fresh({ aud: 'elsewhere' })],
      ['of an unknown subject', () => fresh({ sub: 'stranger' })],
      ['that has expired', () => fresh({ iat: idp.times().iat - 900, exp: idp.times().iat - 600 })],
      ['of an untrusted issuer', () => fresh({ iss: 'https://elsewhere.example' })],
      ['that is not a JWT', () => 'nonsense'],
    ])('a token exchange for a token %s gets invalid_grant with one description', async (_, make) => {
      const answer = await exchange(make());
      expect([answer.status, answer.body]).toEqual([
        400,
        { error: 'invalid_grant', error_description: 'grant request is invalid' },
      ]);
    });

    it('a token exchange grants LLM routes only', async () => {
      expect((await exchange(fresh(), { scope: 'admin:read' })).body.error).toBe('invalid_scope');
      expect((await exchange(fresh(), { resource: `${stage.gateway.url}/api` })).body.error).toBe('invalid_target');
      const narrow = await exchange(fresh(), { resource: `${stage.gateway.url}/v1/openai` });
      expect(narrow.status).toBe(200);
    });

    it('an exchanged token ends when its user is disabled', async () => {
      const { body } = await exchange(fresh());
      expect((await call(body.access_token as string)).status).toBe(200);
      await stage.gateway.admin.post(`/api/users/${userId}/disable`);
      expect((await call(body.access_token as string)).status).toBe(401);
      expect((await exchange(fresh())).body.error).toBe('invalid_grant');
      await stage.gateway.admin.post(`/api/users/${userId}/enable`);
      expect((await exchange(fresh())).status).toBe(200);
    });

    it('a self-registered client cannot exchange tokens', async () => {
      expect((await oauth.register({ grant_types: ['authorization_code', TOKEN_EXCHANGE] })).status).toBe(400);
      const { client_id: clientId } = (await oauth.register()).body;
      expect((await exchange(fresh(), { client_id: clientId as string })).status).toBe(400);
    });
  });

  describe('workloads', () => {
    const job = (over: object = {}): string =>
      ci.token({ jti: `j-${++count}`, sub: 'repo:acme/app:ref:refs/heads/main', ...over });

    it('a workload token calls as its bound application', async () => {
      const proxyId = await stage.llmProxy({ identityProviderIds: [workloads.id] });
      await stage.gateway.admin.patch(`/api/llm-oauth-clients/${app.id}`, {
        allowedLlmProxyIds: [stage.defaultProxyId, proxyId],
      });
      const answer = await stage.chat(openai, [['authorization', `Bearer ${job()}`]], { proxyId });
      expect(answer.status).toBe(200);
      expect(await stage.recordOf(answer)).toMatchObject({
        auth_method: 'idp-jwt',
        oauth_client_id: app.id,
        user_id: null,
      });
      const other = await stage.chat(openai, [['authorization', `Bearer ${job({ sub: 'repo:evil/app:x' })}`]], {
        proxyId,
      });
      expect(other.status).toBe(401);
      expect(await stage.recordOf(other)).toMatchObject({ error_reason: 'workload_not_bound' });
    });

    it('a workload exchanges its token for a client token', async () => {
      const { body } = await exchange(job());
      expect(body.access_token).toMatch(/^llm_at_/);
      const called = await call(body.access_token as string);
      expect(called.status).toBe(200);
      expect(await stage.recordOf(called)).toMatchObject({ auth_method: 'oauth-client', oauth_client_id: app.id });
      await stage.gateway.admin.patch(`/api/llm-oauth-clients/${app.id}`, { isDisabled: true });
      expect((await call(body.access_token as string)).status).toBe(401);
      expect((await exchange(job())).body.error).toBe('invalid_grant');
      await stage.gateway.admin.patch(`/api/llm-oauth-clients/${app.id}`, { isDisabled: false });
    });
  });

  describe('identity assertions (ID-JAG)', () => {
    let client: Json;
    beforeAll(async () => {
      client = await stage.gateway.admin.create('/api/llm-oauth-clients', {
        name: 'Enterprise app',
        grantType: 'authorization_code',
        redirectUris: ['https://app.example.com/callback'],
        scope: 'org',
      });
    });

    const assertion = (claims: object = {}, type = 'oauth-id-jag+jwt'): string =>
      idp.token(
        { aud: stage.gateway.url, client_id: client.clientId, jti: `jag-${++count}`, ...idp.times(120), ...claims },
        { header: { typ: type } },
      );
    const bearer = (token: string): Promise<OAuthResponse> =>
      oauth.token(
        { grant_type: JWT_BEARER, assertion: token },
        basic(client.clientId as string, client.clientSecret as string),
      );

    it('an identity assertion yields a user token without a refresh token', async () => {
      const answer = await bearer(assertion());
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('refresh_token');
      const called = await call(answer.body.access_token as string);
      expect(called.status).toBe(200);
      expect(await stage.recordOf(called)).toMatchObject({ user_id: userId, oauth_client_id: client.id });
    });

    it('an identity assertion is accepted only once', async () => {
      const token = assertion();
      expect((await bearer(token)).status).toBe(200);
      expect((await bearer(token)).body.error).toBe('invalid_grant');
    });

    it.each([
      ['another type', () => assertion({}, 'JWT')],
      ['another client', () => assertion({ client_id: 'llm_oauth_another' })],
      ['another audience', () => assertion({ aud: 'https://elsewhere.example' })],
      ['a late exp', () => assertion(idp.times(900))],
    ])('an identity assertion with %s gets invalid_grant', async (_, make) => {
      const answer = await bearer(make());
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
    });
  });
});
