/** Every authentication method × every surface × every way to be refused. */
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { createId } from '../../../src/platform/ids.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { everythingSent, FAMILIES, fromAnyone, startStage, storedSecret } from '../../support/gateway/stage.js';
import type { Family, OtherOrganization, Stage, VirtualKey } from '../../support/gateway/stage.js';
import type { WireResponse } from '../../support/http/wire-client.js';

const JWT = `${Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url')}.${Buffer.from('{"iss":"https://idp.example","sub":"1"}').toString('base64url')}.c2ln`;
const OWN_KEY = 'sk-callers-own-0123456789';
const DAY_MS = 86_400_000;

/** Fixtures of the cases, created once. */
interface Cast {
  good: VirtualKey;
  expiring: VirtualKey;
  revoked: VirtualKey;
  deleted: VirtualKey;
  ofDisabled: VirtualKey;
  rotatedAway: string;
  unmapped: Record<string, VirtualKey>;
  /** Allowed on `allowedProxy` only. */
  bound: VirtualKey;
  narrow: VirtualKey;
  foreign: VirtualKey;
  ofOutsider: VirtualKey;
  ofTeam: VirtualKey;
  allowedProxy: string;
  teamProxy: string;
  closedProxy: string;
  choosyProxy: string;
  other: OtherOrganization;
}

interface Case {
  what: string;
  credential: (cast: Cast, family: Family) => string;
  proxyId?: (cast: Cast) => string;
  status: number;
  code: string | null;
  /** The record's authentication method; `undefined`: not checked. */
  method?: string | null;
  /** The organization of the record; default: the default organization. */
  organization?: (cast: Cast, stage: Stage) => string;
}

const KNOWN = 'virtual-key';
const CASES: readonly Case[] = [
  // provider-key
  { what: 'a provider key', credential: () => OWN_KEY, status: 200, code: null, method: 'provider-key' },
  {
    what: 'a provider key on an LLM proxy',
    credential: () => OWN_KEY,
    proxyId: (c) => c.allowedProxy,
    status: 200,
    code: null,
    method: 'provider-key',
  },
  {
    what: 'a provider key on another organization’s LLM proxy',
    credential: () => OWN_KEY,
    proxyId: (c) => c.other.defaultProxyId,
    status: 200,
    code: null,
    method: 'provider-key',
    organization: (c) => c.other.id,
  },
  {
    what: 'a provider key where direct keys are disabled',
    credential: () => OWN_KEY,
    proxyId: (c) => c.closedProxy,
    status: 403,
    code: 'direct_keys_disabled',
    method: 'provider-key',
  },
  {
    what: 'a provider key and a model that the LLM proxy denies',
    credential: () => OWN_KEY,
    proxyId: (c) => c.choosyProxy,
    status: 403,
    code: 'policy_denied',
    method: 'provider-key',
  },
  {
    what: 'a provider key on an unknown LLM proxy',
    credential: () => OWN_KEY,
    proxyId: () => createId(),
    status: 404,
    code: 'proxy_not_found',
    method: 'provider-key',
  },
  {
    what: 'a provider key on a malformed LLM proxy id',
    credential: () => OWN_KEY,
    proxyId: (c) => c.allowedProxy.slice(0, -1),
    status: 404,
    code: 'proxy_not_found',
  },
  // virtual-key
  { what: 'a virtual key', credential: (c) => c.good.value, status: 200, code: null, method: KNOWN },
  {
    what: 'a virtual key on an LLM proxy',
    credential: (c) => c.good.value,
    proxyId: (c) => c.allowedProxy,
    status: 200,
    code: null,
    method: KNOWN,
  },
  {
    what: 'a virtual key on an LLM proxy id in upper case',
    credential: (c) => c.good.value,
    proxyId: (c) => c.allowedProxy.toUpperCase(),
    status: 200,
    code: null,
    method: KNOWN,
  },
  {
    what: 'a virtual key where direct keys are disabled',
    credential: (c) => c.good.value,
    proxyId: (c) => c.closedProxy,
    status: 200,
    code: null,
    method: KNOWN,
  },
  {
    what: 'an unknown virtual key',
    credential: () => mintToken('arch_').expose(),
    status: 401,
    code: 'credential_invalid',
    method: KNOWN,
  },
  {
    what: 'a mistyped virtual key',
    credential: (c) => `${c.good.value.slice(0, -1)}~`,
    status: 401,
    code: 'credential_invalid',
    method: KNOWN,
  },
  {
    what: 'a truncated virtual key',
    credential: (c) => c.good.value.slice(0, -10),
    status: 401,
    code: 'credential_invalid',
    method: KNOWN,
  },
  {
    what: 'the prefix of a virtual key',
    credential: () => 'arch_',
    status: 401,
    code: 'credential_invalid',
    method: KNOWN,
  },
  {
    what: 'a revoked virtual key',
    credential: (c) => c.revoked.value,
    status: 401,
    code: 'credential_invalid',
    method: KNOWN,
  },
  {
    what: 'a deleted virtual key',
    credential: (c) => c.deleted.value,
    status: 401,
    code: 'credential_invalid',
    method: KNOWN,
  },
  {
    what: 'the former value of a rotated virtual key',
    credential: (c) => c.rotatedAway,
    status: 401,
    code: 'credential_invalid',
    method: KNOWN,
  },
  {
    what: 'an expired virtual key',
    credential: (c) => c.expiring.value,
    status: 401,
    code: 'credential_expired',
    method: KNOWN,
  },
  {
    what: 'a virtual key whose owner is disabled',
    credential: (c) => c.ofDisabled.value,
    status: 401,
    code: 'credential_invalid',
    method: KNOWN,
  },
  {
    what: 'a virtual key without a mapping for the provider',
    credential: (c, { id }) => c.unmapped[id]!.value,
    status: 400,
    code: 'provider_not_mapped',
    method: KNOWN,
  },
  {
    what: 'a virtual key on another organization’s LLM proxy',
    credential: (c) => c.good.value,
    proxyId: (c) => c.other.defaultProxyId,
    status: 403,
    code: 'proxy_not_allowed',
    method: KNOWN,
  },
  {
    what: 'another organization’s virtual key on an LLM proxy',
    credential: (c) => c.foreign.value,
    proxyId: (c) => c.allowedProxy,
    status: 403,
    code: 'proxy_not_allowed',
    method: KNOWN,
    organization: (c) => c.other.id,
  },
  {
    what: 'another organization’s virtual key on its default LLM proxy',
    credential: (c) => c.foreign.value,
    status: 400,
    code: 'provider_not_mapped',
    method: KNOWN,
    organization: (c) => c.other.id,
  },
  {
    what: 'a virtual key on its allowed LLM proxy',
    credential: (c) => c.bound.value,
    proxyId: (c) => c.allowedProxy,
    status: 200,
    code: null,
    method: KNOWN,
  },
  {
    what: 'a virtual key outside its allowed LLM proxies',
    credential: (c) => c.bound.value,
    status: 403,
    code: 'proxy_not_allowed',
    method: KNOWN,
  },
  {
    what: 'a personal virtual key on the LLM proxy of a foreign team',
    credential: (c) => c.ofOutsider.value,
    proxyId: (c) => c.teamProxy,
    status: 403,
    code: 'proxy_not_allowed',
    method: KNOWN,
  },
  {
    what: 'a team’s virtual key on that team’s LLM proxy',
    credential: (c) => c.ofTeam.value,
    proxyId: (c) => c.teamProxy,
    status: 200,
    code: null,
    method: KNOWN,
  },
  {
    what: 'a virtual key on an unknown LLM proxy',
    credential: (c) => c.good.value,
    proxyId: () => createId(),
    status: 404,
    code: 'proxy_not_found',
    method: KNOWN,
  },
  {
    what: 'a virtual key on a malformed LLM proxy id',
    credential: (c) => c.good.value,
    proxyId: () => '0123456789abcdef0123456789abcdef',
    status: 404,
    code: 'proxy_not_found',
  },
  {
    what: 'a virtual key and a model outside its allowed models',
    credential: (c) => c.narrow.value,
    status: 403,
    code: 'policy_denied',
    method: KNOWN,
  },
  {
    what: 'a virtual key and a model that the LLM proxy denies',
    credential: (c) => c.good.value,
    proxyId: (c) => c.choosyProxy,
    status: 403,
    code: 'policy_denied',
    method: KNOWN,
  },
  // no caller
  { what: 'no credential', credential: () => '', status: 401, code: 'credential_missing', method: null },
  {
    what: 'no credential on another organization’s LLM proxy',
    credential: () => '',
    proxyId: (c) => c.other.defaultProxyId,
    status: 401,
    code: 'credential_missing',
    method: null,
    organization: (c) => c.other.id,
  },
  {
    what: 'no credential on an unknown LLM proxy',
    credential: () => '',
    proxyId: () => createId(),
    status: 401,
    code: 'credential_missing',
    method: null,
  },
  // never a provider key
  {
    what: 'an unknown client token',
    credential: () => mintToken('llm_at_').expose(),
    status: 401,
    code: 'credential_invalid',
  },
  {
    what: 'an unknown user token',
    credential: () => mintToken('llm_ut_').expose(),
    status: 401,
    code: 'credential_invalid',
  },
  { what: 'a refresh token', credential: () => mintToken('llm_rt_').expose(), status: 401, code: 'credential_invalid' },
  {
    what: 'a client secret',
    credential: () => mintToken('llm_secret_').expose(),
    status: 401,
    code: 'credential_invalid',
  },
  { what: 'a client id', credential: () => 'llm_oauth_0123456789abcdef', status: 401, code: 'credential_invalid' },
  {
    what: 'an unknown llm_ prefix',
    credential: () => 'llm_whatever',
    status: 401,
    code: 'credential_invalid',
  },
  { what: 'a JWT of an untrusted issuer', credential: () => JWT, status: 401, code: 'credential_invalid' },
  {
    what: 'a JWT without claims and signature',
    credential: () => `${JWT.split('.')[0]!}..`,
    status: 401,
    code: 'credential_invalid',
  },
  {
    what: 'an unknown admin API key',
    credential: () => mintToken('arch_api_').expose(),
    status: 401,
    code: 'method_not_accepted',
    method: 'admin-api-key',
  },
];

describe('authentication methods on LLM routes', () => {
  let stage: Stage;
  let cast: Cast;

  beforeAll(async () => {
    stage = await startStage();
    cast = await castOf(stage);
  }, 60_000);
  afterAll(() => stage.close());
  beforeEach(() => stage.fake.forget());

  describe.each(FAMILIES)('$id', (family) => {
    const call = ({ credential, proxyId }: Pick<Case, 'credential' | 'proxyId'>): Promise<WireResponse> => {
      const value = credential(cast, family);
      const headers = [fromAnyone(), ...(value === '' ? [] : [family.key(value)])];
      return stage.chat(family, headers, proxyId === undefined ? {} : { proxyId: proxyId(cast) });
    };

    it.each(CASES.filter(({ code }) => code === null))('a call with $what is served and recorded', async (given) => {
      const answer = await call(given);
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('{')]);
      expect(stage.fake.received).toHaveLength(1);
      const isOwn = given.method === 'provider-key';
      const [name, value] = family.key(isOwn ? OWN_KEY : storedSecret(family.id));
      expect(stage.fake.received[0]).toMatchObject({ url: family.upstreamPath, headers: { [name]: value } });
      expect(stage.fake.received[0]!.body.toString()).toBe(family.body);
      expect(everythingSent(stage.fake)).not.toMatch(/arch_|llm_/);
      expect(await stage.recordOf(answer)).toMatchObject({
        auth_method: given.method,
        organization_id: given.organization?.(cast, stage) ?? stage.organizationId,
        provider: family.id,
        provider_key_id: isOwn ? null : stage.providerKeyIds[family.id],
        proxy_id: given.proxyId?.(cast).toLowerCase() ?? stage.defaultProxyId,
        outcome: 'success',
        status: 200,
        error_code: null,
      });
    });

    it.each(CASES.filter(({ code }) => code !== null))(
      'a call with $what gets $status $code and is recorded',
      async (given) => {
        const answer = await call(given);
        expectRefusal(family.id, answer, { status: given.status, code: given.code! });
        expect(stage.fake.started).toBe(0);
        const record = await stage.recordOf(answer);
        expect(record).toMatchObject({
          organization_id: given.organization?.(cast, stage) ?? stage.organizationId,
          provider: family.id,
          provider_key_id: null,
          outcome: 'refused',
          status: given.status,
          error_code: given.code,
          input_tokens: null,
          cost_micro_usd: null,
        });
        if (given.method !== undefined) expect(record).toMatchObject({ auth_method: given.method });
      },
    );

    it('an admin API key gets 401 method_not_accepted on LLM routes', async () => {
      const answer = await call({ credential: () => stage.gateway.adminKey });
      expectRefusal(family.id, answer, { status: 401, code: 'method_not_accepted' });
      expect(stage.fake.started).toBe(0);
    });
  });

  it('the record of a call distinguishes the authenticated user from the claimed one', async () => {
    const family = FAMILIES[0]!;
    const owner = await stage.person('member');
    const [row] = await stage.sql<{ id: string }>('SELECT user_id AS id FROM admin_api_key LIMIT 1');
    const key = await stage.virtualKey({ ownerId: owner.id });
    const claims = [
      ['x-archestra-user-id', row!.id],
      ['x-archestra-agent-id', 'agent'],
    ] as const;
    const record = await stage.recordOf(await stage.chat(family, [family.key(key.value), ...claims]));
    expect(record).toMatchObject({
      virtual_key_id: key.id,
      user_id: owner.id,
      claimed_user_id: row!.id,
      agent_id: 'agent',
    });
    const anonymous = await stage.recordOf(await stage.chat(family, [family.key(OWN_KEY)]));
    expect(anonymous).toMatchObject({ virtual_key_id: null, user_id: null, credential_id: anonymous.key_fingerprint });
    expect(OWN_KEY).not.toContain(anonymous.key_fingerprint);
  });

  it('no secret is written to the log or the records', async () => {
    await stage.gateway.flushRecords();
    const rows = JSON.stringify(await stage.sql('SELECT * FROM interaction'));
    const log = stage.gateway.log.join('');
    const values = [cast.good, cast.revoked, cast.ofTeam].map(({ value }) => value);
    for (const secret of [OWN_KEY, JWT, stage.gateway.adminKey, storedSecret('openai'), ...values]) {
      expect(rows.includes(secret) || log.includes(secret)).toBe(false);
    }
  });
});

describe('authentication methods on the admin API', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await startStage()), 60_000);
  afterAll(() => stage.close());

  const me = (authorization: string | null) =>
    stage.wire.call('GET', '/api/me', authorization === null ? [] : [['authorization', authorization]]);
  const expectProblem = (answer: WireResponse, status: number, code: string): void => {
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json(?:;|$)/),
    ]);
    expect(answer.json).toMatchObject({
      status,
      code,
      instance: expect.any(String),
      title: expect.any(String),
      detail: expect.any(String),
    });
    const challenge = answer.headers['www-authenticate'];
    expect(challenge).toMatch(/resource_metadata="[^"]+\/oauth-protected-resource\/api"/);
    expect(challenge!.includes('invalid_token')).toBe(code !== 'credential_missing');
  };

  it('the admin API accepts an admin API key with and without Bearer', async () => {
    for (const form of [
      `Bearer ${stage.gateway.adminKey}`,
      `bearer  ${stage.gateway.adminKey}`,
      stage.gateway.adminKey,
    ]) {
      expect((await me(form)).status).toBe(200);
    }
  });

  it.each<[string, () => string | null | Promise<string | null>, string]>([
    ['no credential', () => null, 'credential_missing'],
    ['an empty bearer', () => 'Bearer ', 'credential_missing'],
    ['an unknown admin API key', () => `Bearer ${mintToken('arch_api_').expose()}`, 'credential_invalid'],
    ['a malformed admin API key', () => 'Bearer arch_api_', 'credential_invalid'],
    ['a virtual key', async () => `Bearer ${(await stage.virtualKey()).value}`, 'method_not_accepted'],
    ['an unknown virtual key', () => `Bearer ${mintToken('arch_').expose()}`, 'method_not_accepted'],
    ['a provider key', () => `Bearer ${OWN_KEY}`, 'method_not_accepted'],
    ['a client token', () => `Bearer ${mintToken('llm_at_').expose()}`, 'method_not_accepted'],
    ['an unknown user token', () => `Bearer ${mintToken('llm_ut_').expose()}`, 'credential_invalid'],
    ['a JWT', () => `Bearer ${JWT}`, 'method_not_accepted'],
    ['Basic authentication', () => `Basic ${Buffer.from('a:b').toString('base64')}`, 'method_not_accepted'],
  ])('the admin API rejects %s with 401', async (_, credential, code) => {
    expectProblem(await me(await credential()), 401, code);
  });

  it('the admin API rejects expired and deleted keys and keys of disabled users with 401', async () => {
    const expiresAt = new Date(stage.gateway.clock.now() + 60_000).toISOString();
    const body = { name: 'short', scopes: ['admin:read'], expiresAt };
    const expiring = await stage.gateway.admin.create('/api/api-keys', body);
    const deleted = await stage.gateway.admin.create('/api/api-keys', { name: 'gone', scopes: ['admin:read'] });
    const person = await stage.person('member');
    for (const key of [expiring.value, deleted.value, person.key]) expect((await me(`Bearer ${key}`)).status).toBe(200);
    expect((await stage.gateway.admin.delete(`/api/api-keys/${deleted.id}`)).status).toBe(204);
    expect((await stage.gateway.admin.post(`/api/users/${person.id}/disable`)).status).toBe(200);
    expectProblem(await me(`Bearer ${deleted.value}`), 401, 'credential_invalid');
    expectProblem(await me(`Bearer ${person.key}`), 401, 'credential_invalid');
    stage.gateway.clock.advance(60_001);
    expectProblem(await me(`Bearer ${expiring.value}`), 401, 'credential_expired');
  });
});

async function castOf(stage: Stage): Promise<Cast> {
  const { gateway, virtualKey, llmProxy } = stage;
  const { admin, clock } = gateway;
  const team = await admin.create('/api/teams', { name: 'Team' });
  const leaving = await stage.person('member');
  const outsider = await stage.person('member');
  const other = await stage.otherOrganization();
  const allowedProxy = await llmProxy();
  const mapped = (without: string) =>
    Object.entries(stage.providerKeyIds)
      .filter(([provider]) => provider !== without)
      .map(([provider, providerApiKeyId]) => ({ provider, providerApiKeyId }));
  const unmapped: Record<string, VirtualKey> = {};
  for (const { id } of FAMILIES) unmapped[id] = await virtualKey({ providerApiKeys: mapped(id) });
  const cast: Cast = {
    good: await virtualKey(),
    expiring: await virtualKey({ expiresAt: new Date(clock.now() + DAY_MS).toISOString() }),
    revoked: await virtualKey(),
    deleted: await virtualKey(),
    ofDisabled: await virtualKey({ ownerId: leaving.id }),
    rotatedAway: '',
    unmapped,
    bound: await virtualKey({ allowedProxyIds: [allowedProxy] }),
    narrow: await virtualKey({ allowedModels: ['something-else-*'] }),
    foreign: await other.virtualKey(),
    ofOutsider: await virtualKey({ ownerId: outsider.id }),
    ofTeam: await virtualKey({ scope: 'team', teamIds: [team.id], ownerId: null }),
    allowedProxy,
    teamProxy: await llmProxy({ teamIds: [team.id] }),
    closedProxy: await llmProxy({ allowDirectKeys: false }),
    choosyProxy: await llmProxy({ policy: { deniedModels: FAMILIES.map(({ model }) => model) } }),
    other,
  };
  const rotated = await virtualKey();
  cast.rotatedAway = rotated.value;
  const changes = [
    await admin.post(`/api/llm-virtual-keys/${rotated.id}/rotate`, {}),
    await admin.post(`/api/llm-virtual-keys/${cast.revoked.id}/revoke`),
    await admin.delete(`/api/llm-virtual-keys/${cast.deleted.id}`),
    await admin.post(`/api/users/${leaving.id}/disable`),
  ];
  expect(changes.map(({ status }) => status)).toEqual([200, 200, 204, 200]);
  clock.advance(DAY_MS);
  return cast;
}
