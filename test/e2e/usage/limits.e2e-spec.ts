/** Limits: their scope, their windows, their refusals in each family of APIs, and that no reservation is ever lost. */
import { events, json } from '../../support/providers/fake-provider.js';
import { createId } from '../../../src/platform/ids.js';
import { LEASE_MS, LimitCounters, isRefused } from '../../../src/usage/limits/counters/limit-counters.js';
import type { Limit } from '../../../src/usage/limits/definitions/limit.js';
import { toLimit, type LimitRow } from '../../../src/usage/limits/definitions/limit-set.js';
import type { Json } from '../../support/http/admin-client.js';
import { ControlledResponses } from '../../support/providers/controlled-responses.js';
import {
  respondAsVendors,
  FAMILIES,
  familyOf,
  startStage,
  type Family,
  type Stage,
  type VirtualKey,
} from '../../support/gateway/stage.js';
import { eventually, type WireResponse } from '../../support/http/wire-client.js';

const PATH = '/api/limits';
const openai = familyOf('openai');
/** Usage in the recorded response to the plain call of OpenAI's family. */
let USED: number;
const DAY_MS = 86_400_000;

let stage: Stage;
const made: string[] = [];

beforeAll(async () => {
  stage = await startStage();
  const { gateway, virtualKey } = stage;
  const key = await virtualKey();
  const record = await stage.recordOf(await stage.chat(openai, [openai.key(key.value)]));
  USED = Number(record.input_tokens) + Number(record.output_tokens);
  await gateway.flushRecords();
});
afterAll(() => stage.close());
afterEach(async () => {
  for (const id of made.splice(0)) await stage.gateway.admin.delete(`${PATH}/${id}`);
  stage.gateway.clock.offsetMs = 0;
});

/** Creates a limit that is deleted after the test. */
async function limit(entityType: string, entityId: string, over: object = {}): Promise<Json> {
  const body = { entityType, entityId, limitType: 'requests', limitValue: 1, window: '1d', ...over };
  const created = await stage.gateway.admin.create(PATH, body);
  made.push(created.id);
  return created;
}
const show = async (id: string): Promise<Json> => (await stage.gateway.admin.get(`${PATH}/${id}`)).body;
const keyLimit = (key: VirtualKey, over: object = {}): Promise<Json> => limit('virtual_key', key.id, over);
const call = (key: VirtualKey, family: Family = openai, options: object = {}): Promise<WireResponse> =>
  stage.chat(family, [family.key(key.value)], options);
const bodyOf = (over: object): string => JSON.stringify({ ...JSON.parse(openai.body), ...over });
/** Reads the limit's counters, as calls are checked against them. */
async function counted(id: string): Promise<Limit> {
  const [row] = await stage.sql<LimitRow>(
    `SELECT id, organization_id AS "organizationId", entity_type AS "entityType", entity_id AS "entityId",
            limit_type AS "limitType", limit_value AS "limitValue", model, "window" FROM usage_limit WHERE id = $1`,
    [id],
  );
  return toLimit(row!);
}
/** Simulates the loss of the shared state. */
const forget = async (id: string): Promise<void> => {
  const { counter } = await counted(id);
  expect(await stage.gateway.resources.sharedState.delete(counter)).toBe(true);
};
const settled = (id: string): Promise<Json> =>
  eventually(async () => {
    const found = await show(id);
    return found.reserved === 0 && found;
  }, 'a settled limit');

describe('scope of a limit', () => {
  /** Entity → a key whose calls it limits, and the entity's id. */
  const ENTITIES: readonly [string, () => Promise<[VirtualKey, string]>][] = [
    ['organization', async () => [await stage.virtualKey(), stage.organizationId]],
    ['llm_proxy', async () => [await stage.virtualKey(), stage.defaultProxyId]],
    ['virtual_key', async () => stage.virtualKey().then((key) => [key, key.id])],
    [
      'user',
      async () => {
        const { id } = await stage.person('member');
        return [await stage.virtualKey({ ownerId: id }), id];
      },
    ],
    [
      'team',
      async () => {
        const team = await stage.gateway.admin.create('/api/teams', { name: createId() });
        return [await stage.virtualKey({ scope: 'team', teamIds: [team.id] }), team.id];
      },
    ],
  ];

  it.each(ENTITIES)('a limit on %s counts all its calls together and no other calls', async (entityType, prepare) => {
    const [key, entityId] = await prepare();
    // Limits count usage before their creation: those of the organization and the default proxy must leave capacity for
    // it.
    const before = (await limit(entityType, entityId, { limitValue: 1_000_000 })).used as number;
    const { id } = await limit(entityType, entityId, { limitValue: before + 2 });
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 200]);
    stage.fake.forget();
    const refused = await call(key);
    expect(refused.status).toBe(402);
    expect(refused.headers['x-gateway-limit']).toMatch(new RegExp(`^${id};scope=${entityType};reset=\\d{10}$`));
    expect(stage.fake.started).toBe(0);
    expect(await settled(id)).toMatchObject({ used: before + 2, reserved: 0, remaining: 0 });
    if (!['organization', 'llm_proxy'].includes(entityType))
      expect((await call(await stage.virtualKey())).status).toBe(200);
  });

  it('a limit on an OAuth client counts the calls of its access tokens', async () => {
    const { gateway, providerKeyIds } = stage;
    const client = await gateway.admin.create('/api/llm-oauth-clients', {
      name: 'a service',
      grantType: 'client_credentials',
      allowedLlmProxyIds: [stage.defaultProxyId],
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: providerKeyIds.openai }],
    });
    const answer = await fetch(`${gateway.url}/api/auth/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.clientId,
        client_secret: client.clientSecret,
      }),
    });
    const { access_token: value } = (await answer.json()) as { access_token: string };
    await limit('oauth_client', client.id);
    expect((await call({ id: '', value })).status).toBe(200);
    expect((await call({ id: '', value })).status).toBe(402);
  });

  it('a limit on an LLM proxy binds callers with their own provider key', async () => {
    const proxyId = await stage.llmProxy();
    await limit('llm_proxy', proxyId);
    const own: VirtualKey = { id: '', value: 'sk-own-0123456789' };
    expect((await call(own, openai, { proxyId })).status).toBe(200);
    expect((await call(own, openai, { proxyId })).status).toBe(402);
  });

  it('a team limit binds personal keys of its members, and no key of the organization', async () => {
    const { id } = await stage.person('member');
    const team = await stage.gateway.admin.create('/api/teams', { name: createId() });
    await stage.gateway.admin.post(`/api/teams/${team.id}/members`, { userId: id });
    await limit('team', team.id);
    const key = await stage.virtualKey({ ownerId: id });
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 402]);
    const shared = await stage.virtualKey({ scope: 'org' });
    expect([(await call(shared)).status, (await call(shared)).status]).toEqual([200, 200]);
    await stage.gateway.flushRecords();
    const [row] = await stage.sql<{ teams: number }>(
      'SELECT count(*)::int AS teams FROM interaction WHERE $1 = ANY (team_ids)',
      [team.id],
    );
    expect(row!.teams).toBeGreaterThanOrEqual(1);
  });

  it('a limit that names models binds only calls to these models', async () => {
    const key = await stage.virtualKey();
    await keyLimit(key, { model: ['openai:gpt-5*'] });
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 402]);
    const anthropic = familyOf('anthropic');
    expect((await call(key, anthropic)).status).toBe(200);
    expect((await call(key, openai, { body: bodyOf({ model: 'gpt-4.1' }) })).status).toBe(200);
  });

  it('a call that one limit refuses reserves nothing on the others', async () => {
    const key = await stage.virtualKey();
    const wide = await keyLimit(key, { limitValue: 5 });
    const narrow = await keyLimit(key, { limitValue: 1, window: '1h' });
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 402]);
    expect([(await settled(wide.id)).used, (await settled(narrow.id)).used]).toEqual([1, 1]);
  });

  it('a raised limit admits further calls, and a deleted limit no longer binds its callers', async () => {
    const key = await stage.virtualKey();
    const { id } = await keyLimit(key);
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 402]);
    expect((await stage.gateway.admin.patch(`${PATH}/${id}`, { limitValue: 2 })).body).toMatchObject({
      used: 1,
      remaining: 1,
    });
    expect([(await call(key)).status, (await call(key)).status]).toEqual([200, 402]);
    await stage.gateway.admin.delete(`${PATH}/${id}`);
    expect((await call(key)).status).toBe(200);
  });

  it('listing models counts for no limit', async () => {
    const key = await stage.virtualKey();
    stage.fake.on('GET', '/v1/models', json(200, { object: 'list', data: [] }));
    const { id } = await keyLimit(key);
    await stage.wire.call('GET', '/v1/openai/models', [openai.key(key.value)]);
    expect(await show(id)).toMatchObject({ used: 0, reserved: 0 });
  });
});

describe('windows', () => {
  it.each([
    ['1m', 60_000, 429],
    ['1h', 3_600_000, 402],
    ['1d', DAY_MS, 402],
    ['1w', 7 * DAY_MS, 402],
    ['1mo', 30 * DAY_MS, 402],
  ])(
    'usage leaves the rolling window %s after its length plus at most a fiftieth',
    async (window, lengthMs, status) => {
      const { clock } = stage.gateway;
      const key = await stage.virtualKey();
      await keyLimit(key, { window });
      expect((await call(key)).status).toBe(200);
      expect((await call(key)).status).toBe(status);
      clock.advance(lengthMs - 5_000);
      expect((await call(key)).status).toBe(status);
      clock.advance(5_000 + lengthMs / 48);
      expect((await call(key)).status).toBe(200);
    },
  );

  it.each(['calendar_day', 'calendar_week', 'calendar_month'])(
    'a limit with the window %s resets at midnight UTC',
    async (window) => {
      const { clock } = stage.gateway;
      const key = await stage.virtualKey();
      const { id, resetsAt } = await keyLimit(key, { window });
      expect(resetsAt).toMatch(/T00:00:00.000Z$/);
      expect((await call(key)).status).toBe(200);
      clock.advance(Date.parse(resetsAt) - clock.now() - 10_000);
      const refused = await call(key);
      expect([refused.status, refused.headers['x-gateway-limit']]).toEqual([
        402,
        `${id};scope=virtual_key;reset=${Date.parse(resetsAt) / 1000}`,
      ]);
      clock.advance(10_001);
      expect((await call(key)).status).toBe(200);
    },
  );
});

describe('counted usage', () => {
  it('a limit on tokens counts the tokens that the call used', async () => {
    const key = await stage.virtualKey();
    const { id } = await keyLimit(key, { limitType: 'tokens', limitValue: 1_000_000 });
    expect((await call(key)).status).toBe(200);
    expect(await settled(id)).toMatchObject({ used: USED, remaining: 1_000_000 - USED });
  });

  it('a limit on cost counts US dollars as the interaction record does', async () => {
    const key = await stage.virtualKey();
    const { id } = await keyLimit(key, { limitType: 'token_cost', limitValue: 5 });
    const answer = await call(key);
    const cost = Math.ceil((await stage.recordOf(answer)).cost_micro_usd) / 1e6;
    expect(cost).toBeGreaterThan(0);
    expect((await settled(id)).used).toBe(cost);
  });

  it('the size of a request and its maximum output must fit into the remaining tokens', async () => {
    const key = await stage.virtualKey();
    const size = Math.ceil(openai.body.length / 4);
    await keyLimit(key, { limitType: 'tokens', limitValue: size + 100 });
    expect((await call(key)).status).toBe(402);
    expect((await call(key, openai, { body: bodyOf({ max_tokens: 200 }) })).status).toBe(402);
    expect((await call(key, openai, { body: bodyOf({ max_tokens: 50 }) })).status).toBe(200);
  });

  it('a stream reserves tokens until it ends, and then counts what it used', async () => {
    const held = new ControlledResponses();
    stage.fake.on('POST', '/v1/chat/completions', held.respond);
    try {
      const key = await stage.virtualKey();
      const { id } = await keyLimit(key, { limitType: 'tokens', limitValue: 10_000 });
      const asked = stage.wire.open(
        'POST',
        '/v1/openai/chat/completions',
        [['content-type', 'application/json'], openai.key(key.value)],
        bodyOf({ stream: true, max_tokens: 500 }),
      );
      const { response } = await held.next();
      expect((await show(id)).reserved).toBeGreaterThan(500);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n');
      response.end(
        'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4,"total_tokens":11}}\n\ndata: [DONE]\n\n',
      );
      await (
        await asked
      ).ended;
      expect(await settled(id)).toMatchObject({ used: 11, remaining: 9_989 });
    } finally {
      respondAsVendors(stage.fake);
    }
  });

  it('a stream that the client aborts counts what was seen of it', async () => {
    stage.fake.on(
      'POST',
      '/v1/chat/completions',
      events(
        [
          'data: {"choices":[{"delta":{"content":"Hello, you there"}}]}\n\n'.repeat(3),
          ...Array<string>(200).fill(': wait\n\n'),
        ],
        20,
      ),
    );
    try {
      const key = await stage.virtualKey();
      const { id } = await keyLimit(key, { limitType: 'tokens', limitValue: 10_000 });
      const open = await stage.wire.open(
        'POST',
        '/v1/openai/chat/completions',
        [['content-type', 'application/json'], openai.key(key.value)],
        bodyOf({ stream: true }),
      );
      await open.until('Hello');
      expect((await show(id)).reserved).toBeGreaterThan(4_000);
      open.abort();
      const { used } = await settled(id);
      expect(used).toBeGreaterThan(10);
      expect(used).toBeLessThan(200);
    } finally {
      respondAsVendors(stage.fake);
    }
  });

  it.each([
    [
      'the provider refuses',
      json(400, { error: { message: 'no', type: 'invalid_request_error', param: null, code: null } }),
    ],
    ['the provider fails', json(500, { error: { message: 'no' } })],
    ['the connection breaks', (_: unknown, response: { destroy: () => void }) => response.destroy()],
  ] as const)('a limit counts nothing and releases its reservation when %s', async (_, answer) => {
    stage.fake.on('POST', '/v1/chat/completions', answer);
    try {
      const key = await stage.virtualKey();
      const { id } = await keyLimit(key);
      const tokens = await keyLimit(key, { limitType: 'tokens', limitValue: 5_000 });
      for (let i = 0; i < 3; i++) expect((await call(key)).status).not.toBe(402);
      expect(await settled(id)).toMatchObject({ used: 0, remaining: 1 });
      expect(await settled(tokens.id)).toMatchObject({ used: 0, remaining: 5_000 });
    } finally {
      respondAsVendors(stage.fake);
    }
  });

  it('a call that is aborted before the response or refused later counts for no limit', async () => {
    const held = new ControlledResponses();
    stage.fake.on('POST', '/v1/chat/completions', held.respond);
    try {
      const key = await stage.virtualKey({
        providerApiKeys: [{ provider: 'openai', providerApiKeyId: stage.providerKeyIds.openai }],
      });
      const { id } = await keyLimit(key);
      const request = stage.wire.start('POST', '/v1/openai/chat/completions', [
        openai.key(key.value),
        ['content-length', String(openai.body.length)],
      ]);
      request.on('error', () => undefined);
      request.end(openai.body);
      await held.next();
      expect((await show(id)).reserved).toBe(1);
      request.destroy();
      expect(await settled(id)).toMatchObject({ used: 0, remaining: 1 });
      const anthropic = familyOf('anthropic');
      expect((await call(key, anthropic)).status).toBe(400);
      expect(await settled(id)).toMatchObject({ used: 0, remaining: 1 });
    } finally {
      respondAsVendors(stage.fake);
    }
  });

  it('on the router a limit counts only the attempt that responded, by its own model and price', async () => {
    const { gateway } = stage;
    await gateway.admin.create('/api/model-aliases', {
      name: 'either',
      targets: [{ model: 'cohere:command-a-03-2025' }, { model: 'openai:gpt-5.4' }],
    });
    stage.fake.on('POST', '/v2/chat', json(500, { message: 'no' }));
    try {
      const key = await stage.virtualKey();
      const first = await keyLimit(key, { model: ['cohere:*'] });
      const second = await keyLimit(key, { model: ['openai:*'] });
      const both = await keyLimit(key, { limitType: 'token_cost', limitValue: 3 });
      const ask = () =>
        stage.wire.call(
          'POST',
          '/v1/model-router/chat/completions',
          [openai.key(key.value), ['content-type', 'application/json']],
          bodyOf({ model: 'either' }),
        );
      const answer = await ask();
      expect([answer.status, answer.headers['x-gateway-provider']]).toEqual([200, 'openai']);
      expect(await settled(first.id)).toMatchObject({ used: 0 });
      expect(await settled(second.id)).toMatchObject({ used: 1 });
      expect((await settled(both.id)).used).toBeGreaterThan(0);
      expect(await ask()).toMatchObject({ status: 402, json: { error: { code: 'budget_exceeded' } } });
      // The ledger has the same figures, by the model that responded and not by the client's name for it.
      await forget(second.id);
      expect(await show(second.id)).toMatchObject({ used: 1 });
    } finally {
      respondAsVendors(stage.fake);
    }
  });
});

describe('calls without a known cost', () => {
  it('a call whose tokens are unknown gets 403 only while a limit on tokens applies', async () => {
    const key = await stage.virtualKey();
    stage.fake.on('POST', '/v2/rerank', json(200, { results: [] }));
    const rerank = () =>
      stage.wire.call(
        'POST',
        '/v1/cohere/v2/rerank',
        [openai.key(key.value), ['content-type', 'application/json']],
        JSON.stringify({ model: 'rerank-v3.5', query: 'q', documents: [] }),
      );
    expect((await rerank()).status).toBe(200);
    await keyLimit(key, { limitValue: 100 });
    expect((await rerank()).status).toBe(200);
    await keyLimit(key, { limitType: 'tokens', limitValue: 1_000_000 });
    stage.fake.forget();
    const refused = await rerank();
    expect([refused.status, refused.headers['x-gateway-error']]).toEqual([403, 'operation_not_allowed']);
    expect(stage.fake.started).toBe(0);
  });

  it('a call of a model without a price gets 403 while a limit on cost applies', async () => {
    const key = await stage.virtualKey();
    await keyLimit(key, { limitType: 'token_cost', limitValue: 100 });
    const body = bodyOf({ model: 'unheard-of' });
    expect(await call(key, openai, { body })).toMatchObject({
      status: 403,
      json: { error: { code: 'operation_not_allowed' } },
    });
    await stage.gateway.admin.put('/api/llm-models/override', {
      provider: 'openai',
      model: 'unheard-of',
      input: 1,
      output: 1,
    });
    expect((await call(key, openai, { body })).status).toBe(200);
  });

  it("a call on the caller's subscription counts its tokens and no cost", async () => {
    const anthropic = familyOf('anthropic');
    const key = await stage.virtualKey({ keyType: 'passthrough', providerApiKeys: [] });
    const cost = await keyLimit(key, { limitType: 'token_cost', limitValue: 0.000001 });
    const tokens = await keyLimit(key, { limitType: 'tokens', limitValue: 100_000 });
    const headers = [
      ['authorization', 'Bearer sk-ant-oat01-0123456789'],
      ['x-archestra-virtual-key', key.value],
    ] as const;
    const answer = await stage.chat(anthropic, headers);
    expect(answer.status).toBe(200);
    expect(await stage.recordOf(answer)).toMatchObject({ billing: 'subscription' });
    expect((await settled(tokens.id)).used).toBeGreaterThan(0);
    expect((await settled(cost.id)).used).toBe(0);
    await forget(cost.id);
    expect((await show(cost.id)).used).toBe(0);
  });

  it('a metered key of the caller beside a passthrough key counts for every budget', async () => {
    for (const [family, secret] of [
      [openai, 'sk-own-0123456789'],
      [familyOf('anthropic'), 'sk-ant-api03-0123456789'],
      [openai, 'sk-ant-oat01-0123456789'],
    ] as const) {
      const key = await stage.virtualKey({ keyType: 'passthrough', providerApiKeys: [] });
      const cost = await keyLimit(key, { limitType: 'token_cost', limitValue: 0.000001, window: '1mo' });
      const headers = [
        ['authorization', `Bearer ${secret}`],
        ['x-archestra-virtual-key', key.value],
      ] as const;
      const first = await stage.chat(family, headers);
      if (first.status === 200) {
        expect(await stage.recordOf(first)).toMatchObject({ billing: 'metered' });
        expect((await settled(cost.id)).used).toBeGreaterThan(0);
        await forget(cost.id);
        expect((await show(cost.id)).used).toBeGreaterThan(0);
      }
      expect((await stage.chat(family, headers)).status).toBe(402);
    }
  });
});

describe('an exhausted budget', () => {
  it.each(FAMILIES)(
    'an exhausted budget gets 402 with x-should-retry: false in the error format of $id',
    async (family) => {
      const key = await stage.virtualKey();
      const { id } = await keyLimit(key, { window: '1mo' });
      await call(key, family);
      const { status, headers, json: body } = await call(key, family);
      expect(status).toBe(402);
      expect(headers).toMatchObject({ 'x-should-retry': 'false', 'x-gateway-limit': expect.stringContaining(id) });
      expect(headers).not.toHaveProperty('retry-after');
      expect(headers).not.toHaveProperty('x-ratelimit-limit-requests');
      const message = expect.stringContaining('budget of this virtual key');
      expect(body).toMatchObject(
        {
          openai: { error: { type: 'insufficient_quota', code: 'budget_exceeded', message } },
          anthropic: {
            error: { type: 'billing_error', details: { error_code: 'enforced_spend_limit_reached' }, message },
          },
          gemini: { error: { code: 402, status: 'RESOURCE_EXHAUSTED', details: [], message } },
          cohere: { message },
        }[family.id],
      );
    },
  );

  it('on the Responses API an exhausted budget gets 429 with usage_limit_reached and resets_at', async () => {
    const key = await stage.virtualKey();
    const { resetsAt } = await keyLimit(key, { window: 'calendar_day' });
    await call(key);
    const refused = await stage.wire.call(
      'POST',
      '/v1/openai/responses',
      [openai.key(key.value), ['content-type', 'application/json']],
      JSON.stringify({ model: 'gpt-5.4', input: 'Hello' }),
    );
    expect(refused).toMatchObject({
      status: 429,
      json: { error: { type: 'usage_limit_reached', code: 'budget_exceeded', resets_at: expect.any(Number) } },
    });
    expect(Math.abs(refused.json.error.resets_at - Date.parse(resetsAt) / 1000)).toBeLessThanOrEqual(2);
    expect(refused.headers).toMatchObject({ 'x-should-retry': 'false' });
    expect(refused.headers).not.toHaveProperty('retry-after');
  });
});

describe('a rate limit', () => {
  const RATE = { window: '1m', limitValue: 1 };

  it.each(FAMILIES)('an exceeded rate limit gets 429 with retry-after in the error format of $id', async (family) => {
    const key = await stage.virtualKey();
    await keyLimit(key, RATE);
    await keyLimit(key, { window: '1m', limitType: 'tokens', limitValue: 50_000 });
    await call(key, family);
    const { status, headers, json: body } = await call(key, family);
    expect(status).toBe(429);
    const seconds = Number(headers['retry-after']);
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(Math.ceil(Number(headers['retry-after-ms']) / 1000)).toBe(seconds);
    const told = family.id === 'anthropic' ? /^anthropic-ratelimit-/ : /^x-ratelimit-/;
    const names = Object.keys(headers).filter((name) => told.test(name));
    expect(names).toHaveLength(6);
    if (family.id === 'anthropic') {
      expect(headers).toMatchObject({
        'anthropic-ratelimit-requests-limit': '1',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': expect.stringMatching(/^\d{4}-.*Z$/),
        'anthropic-ratelimit-tokens-limit': '50000',
      });
      expect(body).toMatchObject({ error: { type: 'rate_limit_error' } });
    } else {
      expect(headers).toMatchObject({
        'x-ratelimit-limit-requests': '1',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': expect.stringMatching(/^[\d.]+m?s$/),
        'x-ratelimit-limit-tokens': '50000',
      });
    }
    if (family.id === 'openai')
      expect(body).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limited' } });
    if (family.id === 'gemini') {
      expect(body).toMatchObject({
        error: {
          code: 429,
          details: [
            { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: expect.stringMatching(/^[\d.]+s$/) },
          ],
        },
      });
    }
  });

  it('an exhausted budget takes precedence over an exceeded rate limit', async () => {
    const key = await stage.virtualKey();
    await keyLimit(key, RATE);
    await keyLimit(key, { window: '1w' });
    await call(key);
    expect((await call(key)).status).toBe(402);
  });

  it('the refusal of a call that exceeds the rate limit by itself says so', async () => {
    const key = await stage.virtualKey();
    await keyLimit(key, { window: '1m', limitType: 'tokens', limitValue: 100 });
    const refused = await call(key);
    expect([refused.status, refused.json.error.message]).toEqual([429, expect.stringContaining('This call alone')]);
  });
});

describe('a limit on parallel requests', () => {
  it('a limit on parallel requests counts running calls, and streams until their end', async () => {
    const held = new ControlledResponses();
    stage.fake.on('POST', '/v1/chat/completions', held.respond);
    try {
      const key = await stage.virtualKey();
      const terms = { limitType: 'parallel_requests', limitValue: 2, window: undefined };
      const { id, window } = await keyLimit(key, terms);
      expect(window).toBeNull();
      const open = (): ReturnType<typeof stage.wire.open> =>
        stage.wire.open(
          'POST',
          '/v1/openai/chat/completions',
          [['content-type', 'application/json'], openai.key(key.value)],
          bodyOf({ stream: true }),
        );
      const asked = [open(), open()];
      const [one, other] = [await held.next(), await held.next()];
      for (const { response } of [one, other]) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n');
      }
      const streams = await Promise.all(asked);
      expect(await show(id)).toMatchObject({ used: 0, reserved: 2, remaining: 0, resetsAt: null });
      const refused = await call(key);
      expect(refused.status).toBe(429);
      expect(refused.headers['x-gateway-limit']).toContain(id);
      expect(refused.headers['retry-after']).toBe('1');
      expect(refused.json.error.message).toContain('2 of 2 are under way');
      expect(refused.headers).not.toHaveProperty('x-ratelimit-limit-requests');
      one.response.end('data: [DONE]\n\n');
      await Promise.race(streams.map(({ ended }) => ended));
      await eventually(async () => (await show(id)).reserved === 1, 'a call that is over');
      const third = open();
      (await held.next()).response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      streams.push(await third);
      expect((await call(key)).status).toBe(429);
      for (const stream of streams) stream.abort();
      expect(await settled(id)).toMatchObject({ used: 0, remaining: 2 });
    } finally {
      respondAsVendors(stage.fake);
    }
  });

  it('a limit of 5 parallel requests admits 5 of 40 simultaneous calls', async () => {
    const held = new ControlledResponses();
    stage.fake.on('POST', '/v1/chat/completions', held.respond);
    try {
      const key = await stage.virtualKey();
      const { id } = await keyLimit(key, { limitType: 'parallel_requests', limitValue: 5, window: undefined });
      const statuses: number[] = [];
      const calls = Array.from({ length: 40 }, () => call(key).then(({ status }) => void statuses.push(status)));
      const inside = await Promise.all(Array.from({ length: 5 }, () => held.next()));
      await eventually(() => statuses.length === 35, 'the refusals');
      expect(await show(id)).toMatchObject({ reserved: 5, remaining: 0 });
      for (const { response } of inside)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}');
      await Promise.all(calls);
      expect(statuses).toEqual([...Array<number>(35).fill(429), ...Array<number>(5).fill(200)]);
      await settled(id);
    } finally {
      respondAsVendors(stage.fake);
    }
  });

  it('a limit on parallel requests has no window, and every other limit needs one', async () => {
    const terms = { entityType: 'organization', entityId: stage.organizationId, limitValue: 1 };
    const post = (over: object) => stage.gateway.admin.post(PATH, { ...terms, ...over });
    const withWindow = await post({ limitType: 'parallel_requests', window: '1m' });
    const withoutWindow = await post({ limitType: 'requests' });
    for (const { status, body } of [withWindow, withoutWindow])
      expect({ status, pointer: body.errors[0].pointer }).toEqual({ status: 400, pointer: '/window' });
  });
});

describe('concurrent calls', () => {
  it('500 concurrent calls never exceed a budget for 50 when none uses more than its estimate', async () => {
    const key = await stage.virtualKey();
    const body = bodyOf({ max_tokens: USED });
    const estimate = Math.ceil(body.length / 4) + USED;
    const budget = 50 * estimate;
    const tokens = await keyLimit(key, { limitType: 'tokens', limitValue: budget });
    stage.fake.forget();
    const answers = await Promise.all(Array.from({ length: 500 }, () => call(key, openai, { body })));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 402]));
    const passed = statuses.filter((status) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(50);
    expect(stage.fake.received).toHaveLength(passed);
    const { used } = await settled(tokens.id);
    expect(used).toBe(passed * USED);
    expect(used).toBeLessThanOrEqual(budget);
  });
});

describe('reservations', () => {
  it('a reservation is released when its lease expires', async () => {
    const { gateway } = stage;
    const key = await stage.virtualKey();
    const { id } = await keyLimit(key);
    // Reserves like the relay, and then never settles.
    const held = await gateway.app.nest
      .get(LimitCounters, { strict: false })
      .reserve([{ limit: await counted(id), amount: 1 }]);
    expect(isRefused(held)).toBe(false);
    expect((await call(key)).status).toBe(402);
    expect(await show(id)).toMatchObject({ used: 0, reserved: 1, remaining: 0 });
    gateway.clock.advance(LEASE_MS - 5_000);
    expect((await call(key)).status).toBe(402);
    gateway.clock.advance(20_000);
    expect(await show(id)).toMatchObject({ used: 0, reserved: 0, remaining: 1 });
    expect((await call(key)).status).toBe(200);
  });
});

describe('lost counters', () => {
  it.each(['requests', 'tokens', 'token_cost'])(
    'a lost counter of %s is restored from the records',
    async (limitType) => {
      const key = await stage.virtualKey();
      const { id } = await keyLimit(key, { limitType, limitValue: 1000 });
      for (let i = 0; i < 3; i++) await call(key);
      const { used } = await settled(id);
      await forget(id);
      expect((await show(id)).used).toBe(used);
      await forget(id);
      await call(key);
      expect((await settled(id)).used).toBeCloseTo((used / 3) * 4, 9);
    },
  );

  it('lost counters are restored also for a limit that is created later', async () => {
    const key = await stage.virtualKey();
    await call(key);
    expect(await keyLimit(key)).toMatchObject({ used: 1, remaining: 0 });
    expect((await call(key)).status).toBe(402);
  });
});

describe('the cost of enforcement', () => {
  it('a call without a limit spends no time on limits, and a call with one reports the time', async () => {
    const key = await stage.virtualKey();
    // The organization's limits are read once.
    await call(key);
    expect((await call(key)).headers['server-timing']).toContain('limit;dur=0,');
    await keyLimit(key, { limitValue: 10 });
    expect((await call(key)).headers['server-timing']).toMatch(/limit;dur=(?!0,)[\d.]+, resolve;dur=[\d.]+,/);
  });
});

it('the estimate of an image depends on its dimensions and not on its bytes', async () => {
  const key = await stage.virtualKey();
  await keyLimit(key, { limitType: 'tokens', limitValue: 10_000 });
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(1_000_000, 0xa7)]);
  const url = `data:image/png;base64,${png.toString('base64')}`;
  const body = bodyOf({
    max_completion_tokens: 10,
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  });
  expect((await call(key, openai, { body })).status).toBe(200);
});
