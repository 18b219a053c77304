/** Predicts the outcome of a call, by the same rules as the call itself and without its effects. */
import { createId } from '../../../src/platform/ids.js';
import type { AdminResponse, AdminClient, Json } from '../../support/http/admin-client.js';
import { familyOf, fromAnyone, startStage, type Stage, type VirtualKey } from '../../support/gateway/stage.js';
import { eventually } from '../../support/http/wire-client.js';

const PATH = '/api/explain';
const KEYS = '/api/llm-provider-api-keys';

let stage: Stage;
let admin: AdminClient;
let key: VirtualKey;
beforeAll(async () => {
  stage = await startStage();
  ({ admin } = stage.gateway);
  key = await stage.virtualKey();
}, 60_000);
afterAll(() => stage.close());
beforeEach(() => stage.fake.forget());

const ask = (body: object, who = admin): Promise<AdminResponse> => who.post(PATH, body);

async function explained(body: object, who = admin): Promise<Json> {
  const answer = await ask(body, who);
  expect({ status: answer.status, body: answer.status === 200 ? null : answer.body }).toEqual({
    status: 200,
    body: null,
  });
  expect(stage.fake.started).toBe(0);
  expect(JSON.stringify(answer.body)).not.toMatch(/sk-|arch_|llm_[au]t_/);
  return answer.body;
}

const stepsOf = ({ steps }: Json): string[] =>
  steps.map((step: Json) => `${step.step} ${step.decision} ${step.reason}`);
const reasonsOf = (place: Json): Record<string, string> =>
  Object.fromEntries(place.keys.map(({ id, reason }: Json) => [id, reason]));

const storeKey = async (over: object, who = admin): Promise<string> =>
  (
    await who.create(KEYS, {
      name: createId(),
      provider: 'groq',
      apiKey: `sk-other-${createId()}`,
      scope: 'org',
      ...over,
    })
  ).id;

describe('a virtual key', () => {
  it('the explanation of a virtual key names the provider key that its calls use', async () => {
    const found = await explained({ principal: { virtualKeyId: key.id }, provider: 'openai', model: 'gpt-5.4' });
    expect(found).toMatchObject({
      isAllowed: true,
      refusal: null,
      surface: 'provider-route',
      method: 'virtual-key',
      caller: { type: 'virtual-key', id: key.id, keySource: 'bound' },
      proxy: { id: stage.defaultProxyId, isDefault: true },
      places: [
        {
          provider: 'openai',
          model: 'gpt-5.4',
          decision: 'first',
          share: 1,
          reason: 'ok',
          providerApiKeyId: stage.providerKeyIds.openai,
          keys: [{ id: stage.providerKeyIds.openai, isChosen: true, reason: 'mapped' }],
        },
      ],
    });
    expect(stepsOf(found)).toEqual(['admit passed ok', 'enter passed ok', 'aim passed ok', 'limit passed ok']);
    const family = familyOf('openai');
    const record = await stage.recordOf(await stage.chat(family, [fromAnyone(), family.key(key.value)]));
    expect(record.provider_key_id).toBe(found.places[0].providerApiKeyId);
  });

  it('an explanation shows the remainder of each limit without counting, and the limit that refuses', async () => {
    const key = await stage.virtualKey();
    const terms = { entityType: 'virtual_key', entityId: key.id, limitValue: 2, window: '1d' };
    const all = await admin.create('/api/limits', { ...terms, limitType: 'requests' });
    const other = await admin.create('/api/limits', { ...terms, limitType: 'requests', model: ['claude*'] });
    const question = { principal: { virtualKeyId: key.id }, provider: 'openai', model: 'gpt-5.4' };
    try {
      for (let i = 0; i < 4; i++) expect((await explained(question)).limits).toHaveLength(1);
      const [limit] = (await explained(question)).limits;
      expect(limit).toEqual({
        ...{ id: all.id, ...terms, limitType: 'requests', model: [] },
        ...{ used: 0, reserved: 0, remaining: 2, resetsAt: null, isExhausted: false },
      });
      const family = familyOf('openai');
      for (let i = 0; i < 2; i++) await stage.chat(family, [fromAnyone(), family.key(key.value)]);
      await eventually(async () => (await admin.get(`/api/limits/${all.id}`)).body.used === 2, 'a settled limit');
      stage.fake.forget();
      const found = await explained(question);
      expect(found).toMatchObject({ isAllowed: false, refusal: { status: 402, code: 'budget_exceeded' } });
      expect(found.refusal.detail).toContain(all.id);
      expect(found.limits).toEqual([expect.objectContaining({ used: 2, remaining: 0, isExhausted: true })]);
      expect(stepsOf(found).at(-1)).toBe('limit refused virtual_key_requests_1d');
    } finally {
      for (const { id } of [all, other]) await admin.delete(`/api/limits/${id}`);
    }
  });

  it.each([
    ['an unmapped provider', {}, { provider: 'groq' }, 400, 'provider_not_mapped', 'aim refused provider_not_mapped'],
    [
      'a model that the key may not use',
      { allowedModels: ['o*'] },
      { model: 'openai:gpt-5.4' },
      403,
      'policy_denied',
      'aim refused model_not_allowed_by_key',
    ],
    ['a model without a provider', {}, { model: 'gpt-5.4' }, 404, 'model_not_found', 'aim refused model_not_found'],
    [
      'an LLM proxy outside allowedProxyIds',
      { allowedProxyIds: ['another'] },
      { provider: 'openai' },
      403,
      'proxy_not_allowed',
      'enter refused proxy_not_allowed',
    ],
    [
      'an unknown LLM proxy',
      {},
      { provider: 'openai', proxyId: createId() },
      404,
      'proxy_not_found',
      'enter refused proxy_not_found',
    ],
  ])('a virtual key is refused for %s like its calls', async (_, over, asked, status, code, last) => {
    const another = await stage.llmProxy();
    const own = await stage.virtualKey(JSON.parse(JSON.stringify(over).replace('another', another)) as object);
    const found = await explained({ principal: { virtualKeyId: own.id }, ...asked });
    expect(found).toMatchObject({ isAllowed: false, refusal: { status, code } });
    expect(stepsOf(found).at(-1)).toBe(last);
  });

  it('a revoked virtual key is not admitted', async () => {
    const gone = await stage.virtualKey();
    await admin.post(`/api/llm-virtual-keys/${gone.id}/revoke`, {});
    const found = await explained({ principal: { virtualKeyId: gone.id }, provider: 'openai' });
    expect(found).toMatchObject({ refusal: { status: 401, code: 'credential_invalid' }, method: null, caller: null });
    expect(stepsOf(found)).toEqual(['admit refused virtual_key_revoked']);
  });
});

describe('entry rules', () => {
  it('each entry rule is explained, and a rule without an input as not_checked', async () => {
    const proxyId = await stage.llmProxy({
      policy: {
        allowedIpRanges: ['192.0.2.0/24'],
        allowedHours: [{ days: ['wed'], from: '08:00', to: '18:00', timeZone: 'UTC' }],
        requiredHeaders: ['agent'],
      },
    });
    const about = { principal: { virtualKeyId: key.id }, provider: 'openai', proxyId, at: '2030-01-16T12:00:00Z' };
    const open = await explained(about);
    expect(open.isAllowed).toBe(true);
    expect(stepsOf(open).slice(2)).toEqual([
      'address not_checked not_said',
      'hours passed ok',
      'labels not_checked not_said',
      'aim passed ok',
      'limit passed ok',
    ]);
    const last = async (over: object): Promise<string> => stepsOf(await explained({ ...about, ...over })).at(-1)!;
    expect(await last({ clientAddress: '192.0.2.9', labels: ['agent'] })).toBe('limit passed ok');
    expect(await last({ clientAddress: '198.51.100.1' })).toBe('address refused address_not_allowed');
    expect(await last({ at: '2030-01-17T12:00:00Z' })).toBe('hours refused outside_allowed_hours');
    expect(await last({ labels: ['run'] })).toBe('labels refused label_missing');
  });
});

describe('a user', () => {
  it('the explanation of a user lists every usable key with the reason for the choice', async () => {
    const person = await stage.person('member');
    const teamId = (await admin.create('/api/teams', { name: createId() })).id as string;
    await admin.post(`/api/teams/${teamId}/members`, { userId: person.id });
    const own = await storeKey({ scope: 'personal' }, person.admin);
    const newer = await storeKey({ scope: 'personal', isPrimary: false }, person.admin);
    const teams = await storeKey({ scope: 'team', teamId });
    const orgs = await storeKey({});
    await storeKey({ scope: 'personal' }, (await stage.person('member')).admin);

    const found = await explained({ principal: { userId: person.id }, model: 'groq:llama' });
    expect(found).toMatchObject({ isAllowed: true, surface: 'model-router', method: 'oauth-user' });
    const reasons = reasonsOf(found.places[0]);
    expect(Object.keys(reasons)).toHaveLength(4);
    expect(reasons).toMatchObject({ [teams]: 'later_scope', [orgs]: 'later_scope' });
    expect([reasons[own], reasons[newer]].sort()).toEqual(['first_in_order', 'newer']);
    expect(found.places[0].keys.filter((each: Json) => each.isChosen)).toHaveLength(1);
  });

  it('a user cannot choose a team without membership', async () => {
    const person = await stage.person('member');
    const found = await explained({ principal: { userId: person.id, teamId: createId() }, provider: 'openai' });
    expect(found.refusal).toMatchObject({ status: 403, code: 'team_not_allowed' });
  });
});

describe('a model alias', () => {
  it('the explanation of an alias lists its targets with share, fallback and the reason of skipped ones', async () => {
    const pinned = await storeKey({ provider: 'openai' });
    const name = `alias-${createId()}`;
    await admin.create('/api/model-aliases', {
      name,
      targets: [
        { model: 'openai:gpt-5.4', weight: 3, priority: 0 },
        { model: 'openai:gpt-5.4-mini', weight: 1, priority: 0, providerApiKeyId: pinned },
        { model: 'groq:llama', priority: 0 },
        { model: 'anthropic:claude-sonnet-4-5', priority: 1 },
        { model: 'gemini:gemini-2.5-flash', priority: 2 },
        { model: 'cohere:command-a', priority: 3 },
      ],
    });
    const proxyId = await stage.llmProxy({ policy: { deniedModels: ['gemini-*'] } });
    const found = await explained({ principal: { virtualKeyId: key.id }, model: name, proxyId });
    expect(found).toMatchObject({ isAllowed: true, modelAlias: name });
    expect(
      found.places.map((place: Json) => [place.provider, place.model, place.decision, place.share, place.reason]),
    ).toEqual([
      ['openai', 'gpt-5.4', 'first', 0.75, 'ok'],
      ['openai', 'gpt-5.4-mini', 'first', 0.25, 'ok'],
      ['groq', 'llama', 'passed_over', 0, 'provider_not_mapped'],
      ['anthropic', 'claude-sonnet-4-5', 'fallback', 1, 'ok'],
      ['gemini', 'gemini-2.5-flash', 'passed_over', 0, 'model_denied'],
      ['cohere', 'command-a', 'passed_over', 0, 'attempts_used_up'],
    ]);
    expect(reasonsOf(found.places[1])).toEqual({
      [pinned]: 'pinned_by_alias',
      [stage.providerKeyIds.openai!]: 'alias_names_another',
    });
  });
});

describe('an application', () => {
  it('an application is explained by its id and by its client id', async () => {
    const client = await admin.create('/api/llm-oauth-clients', {
      name: createId(),
      grantType: 'client_credentials',
      allowedLlmProxyIds: [stage.defaultProxyId],
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: stage.providerKeyIds.openai }],
    });
    for (const oauthClientId of [client.id, client.clientId]) {
      const found = await explained({ principal: { oauthClientId }, provider: 'openai' });
      expect(found).toMatchObject({ isAllowed: true, method: 'oauth-client', caller: { type: 'app', id: client.id } });
      expect(reasonsOf(found.places[0])).toEqual({ [stage.providerKeyIds.openai!]: 'mapped' });
    }
  });
});

describe('a credential', () => {
  it('a credential is recognized, and neither logged nor written into the audit log', async () => {
    const found = await explained({ credential: key.value, provider: 'openai' });
    expect(found).toMatchObject({ isAllowed: true, method: 'virtual-key', caller: { id: key.id } });
    const wrong = `${key.value.slice(0, -1)}${key.value.endsWith('x') ? 'y' : 'x'}`;
    expect((await explained({ credential: wrong, provider: 'openai' })).refusal.code).toBe('credential_invalid');
    await ask({ credential: key.value, provider: 'no such provider' });
    expect(stage.gateway.log.join('\n')).not.toContain(key.value.slice(8));
    const [row] = await stage.sql<{ entries: string }>('SELECT json_agg(e)::text AS entries FROM audit_entry e');
    const { entries } = row!;
    expect(entries).toContain('credential.explain');
    expect(entries).not.toContain(key.value.slice(8));
  });

  it("a provider's key as the credential is the caller's own and is refused on the Model Router", async () => {
    const own = 'own-key-of-a-caller-0123456789';
    expect(await explained({ credential: own, provider: 'openai' })).toMatchObject({
      isAllowed: true,
      method: 'provider-key',
      caller: { type: 'key-holder', keySource: 'presented' },
      places: [{ providerApiKeyId: null, keys: [] }],
    });
    expect((await explained({ credential: own, model: 'openai:gpt-5.4' })).refusal.code).toBe('method_not_accepted');
  });

  it('a credential of another organization gets credential_invalid', async () => {
    const elsewhere = await stage.otherOrganization();
    const foreign = await elsewhere.virtualKey();
    expect((await explained({ credential: foreign.value, provider: 'openai' })).refusal).toMatchObject({
      status: 401,
      code: 'credential_invalid',
    });
  });

  it('a token of an identity provider gets 400 at /credential', async () => {
    const jwt = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.e30.x`;
    expect(await ask({ credential: jwt, provider: 'openai' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/credential' }] },
    });
  });
});

describe('permissions', () => {
  it('admins explain every user, and members only themselves and their own keys', async () => {
    const [member, editor, other] = [
      await stage.person('member'),
      await stage.person('editor'),
      await stage.person('admin'),
    ];
    const personal = await storeKey({ scope: 'personal', provider: 'openai' }, member.admin);
    const mine = await stage.virtualKey(
      { providerApiKeys: [{ provider: 'openai', providerApiKeyId: personal }] },
      member.admin,
    );
    const about = (principal: object) => ({ principal, provider: 'openai' });
    for (const who of [member.admin, other.admin]) {
      expect((await explained(about({ userId: member.id }), who)).isAllowed).toBe(true);
      expect((await explained(about({ virtualKeyId: mine.id }), who)).isAllowed).toBe(true);
      expect((await explained({ credential: mine.value, provider: 'openai' }, who)).isAllowed).toBe(true);
    }
    for (const who of [member.admin, editor.admin]) {
      expect((await ask(about({ userId: other.id }), who)).status).toBe(404);
      expect((await ask(about({ virtualKeyId: key.id }), who)).status).toBe(404);
      expect((await ask({ credential: key.value, provider: 'openai' }, who)).status).toBe(403);
    }
    expect((await ask(about({ userId: member.id }), admin.as(null))).status).toBe(401);
  });

  it('principals of another organization get 404', async () => {
    const elsewhere = await stage.otherOrganization();
    for (const principal of [{ virtualKeyId: key.id }, { userId: (await stage.person('member')).id }])
      expect((await ask({ principal, provider: 'openai' }, elsewhere.admin)).status).toBe(404);
  });

  it('the audit log records each explanation', async () => {
    const mine = await stage.virtualKey();
    await explained({ principal: { virtualKeyId: mine.id }, model: 'groq:llama' });
    const { data } = (await admin.get('/api/audit-log?limit=5')).body;
    expect(
      data.find((entry: Json) => entry.targetId === mine.id && entry.action === 'virtual_key.explain'),
    ).toMatchObject({
      targetType: 'virtual_key',
      after: { provider: null, model: 'groq:llama', isAllowed: false, refusal: 'provider_not_mapped' },
    });
  });
});

describe('invalid requests', () => {
  it.each([
    [{ provider: 'openai' }, '/principal'],
    [{ principal: {}, provider: 'openai' }, '/principal'],
    [{ principal: { userId: createId(), virtualKeyId: createId() }, provider: 'openai' }, '/principal'],
    [{ principal: { userId: createId() }, credential: 'x', provider: 'openai' }, '/principal'],
    [{ principal: { virtualKeyId: createId(), teamId: createId() }, provider: 'openai' }, '/principal/teamId'],
    [{ principal: { userId: 'x' }, provider: 'openai' }, '/principal/userId'],
    [{ principal: null, provider: 'openai' }, '/principal'],
    [{ principal: { userId: createId() } }, '/provider'],
    [{ principal: { userId: createId() }, provider: 'nobody' }, '/provider'],
    [{ principal: { userId: createId() }, model: '' }, '/model'],
    [{ principal: { userId: createId() }, provider: 'openai', clientAddress: 'home' }, '/clientAddress'],
    [{ principal: { userId: createId() }, provider: 'openai', at: 'now' }, '/at'],
    [{ principal: { userId: createId() }, provider: 'openai', labels: ['team'] }, '/labels'],
  ])('the request %j gets 400 with its pointer', async (body, pointer) => {
    const answer = await ask(body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, pointer]);
  });
});
