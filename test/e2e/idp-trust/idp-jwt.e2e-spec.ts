/** Authentication method 5: a token of the company's identity provider, on provider routes. */
import type { AdminClient, Json } from '../../support/http/admin-client.js';
import { FakeIdp, hmacWithPublicKey, makeKey } from '../../support/oauth/fake-idp.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { everythingSent, familyOf, startStage, type Stage } from '../../support/gateway/stage.js';
import type { WireResponse } from '../../support/http/wire-client.js';

const openai = familyOf('openai');
const REFUSED = { status: 401, code: 'credential_invalid' };

describe('tokens of an identity provider on LLM routes', () => {
  let stage: Stage;
  let idp: FakeIdp;
  let trust: Json;
  let proxyId: string;
  let person: { id: string; email: string; admin: AdminClient };

  beforeAll(async () => {
    stage = await startStage();
    idp = await FakeIdp.start();
    idp.now = () => stage.gateway.clock.now();
    trust = await stage.gateway.admin.create('/api/identity-providers', {
      providerId: 'acme',
      issuer: idp.issuer,
      audiences: ['gatehouse'],
      emailLinkPolicy: 'verified_domain',
      verifiedDomains: ['example.com'],
    });
    proxyId = await stage.llmProxy({ identityProviderIds: [trust.id] });
    const { id, admin } = await stage.person('member');
    person = { id, admin, email: `${id}@example.com` };
    await stage.sql('UPDATE app_user SET email_verified_at = now() WHERE id = $1', [id]);
  });
  afterAll(async () => {
    await idp?.close();
    await stage?.close();
  });
  beforeEach(() => stage.fake.forget());

  const call = (token: string, path: string = proxyId): Promise<WireResponse> =>
    stage.chat(openai, [['authorization', `Bearer ${token}`]], { proxyId: path });
  const token = (over: object = {}): string => idp.token({ email: person.email, email_verified: true, ...over });
  const expectNothingSent = (): void => expect(stage.fake.received).toEqual([]);

  it('an IdP token links its user by a verified address once, then by its subject', async () => {
    const first = await call(token());
    expect(first.status).toBe(200);
    expect(await stage.recordOf(first)).toMatchObject({
      auth_method: 'idp-jwt',
      user_id: person.id,
      proxy_id: proxyId,
    });
    // The present address does not matter.
    const later = await call(token({ email: 'somebody-else@example.com' }));
    expect(later.status).toBe(200);
    expect(await stage.recordOf(later)).toMatchObject({ user_id: person.id });
  });

  it('an IdP token uses the user’s provider key before the organization’s and is not forwarded', async () => {
    expect((await call(token())).status).toBe(200);
    expect(stage.fake.received.at(-1)!.headers.authorization).toBe('Bearer sk-stored-openai-0123456789abcdef');
    const key = { name: 'mine', provider: 'openai', apiKey: 'sk-of-the-person-0123456789' };
    await person.admin.create('/api/llm-provider-api-keys', key);
    expect((await call(token())).status).toBe(200);
    expect(stage.fake.received.at(-1)!.headers.authorization).toBe(`Bearer ${key.apiKey}`);
    expect(everythingSent(stage.fake)).not.toContain('eyJ');
  });

  const times = () => idp.times();
  const BAD: readonly [string, () => string | Promise<string>, string][] = [
    ['another audience', () => token({ aud: 'elsewhere' }), 'jwt_audience'],
    ['an untrusted issuer', () => token({ iss: 'https://elsewhere.example' }), 'jwt_issuer_unknown'],
    ['exp in the past', () => token({ iat: times().iat - 600, exp: times().iat - 120 }), 'jwt_expired'],
    ['no exp', () => token({ exp: undefined }), 'jwt_expiry_missing'],
    [
      'HMAC with the public key',
      () => hmacWithPublicKey(idp, { iss: idp.issuer, aud: 'gatehouse', sub: 'user-1', ...times() }),
      'jwt_algorithm',
    ],
    [
      'a foreign key under a known kid',
      async () => token2(await makeKey('RS256', { kid: idp.signingKey.kid! })),
      'jwt_signature',
    ],
    ['an unknown key', async () => token2(await makeKey('RS256')), 'jwt_key_unknown'],
    ['an unknown subject and no address', () => idp.token({ sub: 'stranger' }), 'user_not_linked'],
    [
      'an unverified address',
      () => idp.token({ sub: 'stranger', email: person.email, email_verified: false }),
      'user_not_linked',
    ],
    ['a missing proof of possession', () => token({ cnf: { jkt: 'x' } }), 'jwt_proof_required'],
  ];
  const token2 = (key: Awaited<ReturnType<typeof makeKey>>): string =>
    idp.token({ email: person.email, email_verified: true }, { key });

  it.each(BAD)(
    'an IdP token with %s gets 401 credential_invalid, and the record states the reason',
    async (_, make, reason) => {
      const answer = await call(await make());
      expectRefusal('openai', answer, REFUSED);
      expect(answer.json.error.message).toBe((await call(token({ aud: 'x' }))).json.error.message);
      expect(await stage.recordOf(answer)).toMatchObject({ error_code: 'credential_invalid', error_reason: reason });
      expectNothingSent();
    },
  );

  it('an IdP token is rejected on an LLM proxy that its provider is not linked to', async () => {
    const other = await stage.llmProxy();
    const answer = await call(token(), other);
    expectRefusal('openai', answer, REFUSED);
    expect(await stage.recordOf(answer)).toMatchObject({ error_reason: 'jwt_issuer_not_linked' });
    expectNothingSent();
  });

  it('an IdP token is rejected in another organization, which cannot link its provider', async () => {
    const elsewhere = await stage.otherOrganization();
    expectRefusal('openai', await call(token(), elsewhere.defaultProxyId), REFUSED);
    expect(
      (await elsewhere.admin.patch(`/api/llm-proxies/${elsewhere.defaultProxyId}`, { identityProviderIds: [trust.id] }))
        .status,
    ).toBe(400);
    expectNothingSent();
  });

  it('an IdP token is rejected once its user or provider is disabled or unlinked', async () => {
    const again = async (): Promise<number> => (await call(token())).status;
    expect(await again()).toBe(200);
    await stage.gateway.admin.post(`/api/users/${person.id}/disable`);
    expect(await again()).toBe(401);
    await stage.gateway.admin.post(`/api/users/${person.id}/enable`);
    expect(await again()).toBe(200);
    await stage.gateway.admin.patch(`/api/identity-providers/${trust.id}`, { isDisabled: true });
    expect(await again()).toBe(401);
    await stage.gateway.admin.patch(`/api/identity-providers/${trust.id}`, { isDisabled: false });
    expect(await again()).toBe(200);
    await stage.gateway.admin.patch(`/api/llm-proxies/${proxyId}`, { identityProviderIds: [] });
    expect(await again()).toBe(401);
    await stage.gateway.admin.patch(`/api/llm-proxies/${proxyId}`, { identityProviderIds: [trust.id] });
    expect(await again()).toBe(200);
  });

  it('an IdP token gets 503 idp_unreachable while its provider’s keys cannot be fetched', async () => {
    const dark = await FakeIdp.start();
    dark.now = idp.now;
    const made = await stage.gateway.admin.create('/api/identity-providers', {
      providerId: 'dark',
      issuer: dark.issuer,
      jwksUrl: dark.jwksUrl,
      audiences: ['gatehouse'],
    });
    const dim = await stage.llmProxy({ identityProviderIds: [made.id] });
    dark.isDown = true;
    const answer = await call(dark.token(), dim);
    expectRefusal('openai', answer, { status: 503, code: 'idp_unreachable' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    await dark.close();
  });
});
