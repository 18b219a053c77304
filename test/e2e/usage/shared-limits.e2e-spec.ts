/** Two processes on one database and one Redis: they share every limit, and reservations of a dead one are released. */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { FakeProvider, json } from '../../support/providers/fake-provider.js';
import type { Json } from '../../support/http/admin-client.js';
import { startProcess, type GatewayProcess } from '../../support/gateway/gateway-process.js';
import { ControlledResponses } from '../../support/providers/controlled-responses.js';
import { eventually, type WireResponse } from '../../support/http/wire-client.js';

const { TEST_DATABASE_URL: server, TEST_REDIS_URL: redisUrl } = process.env;
const describeOnBoth = server && redisUrl ? describe : describe.skip;

const PATH = '/api/limits';
/** The usage that the provider reports for each call. */
const USED = { prompt_tokens: 30, completion_tokens: 20, total_tokens: 50 };
const CEILING = 20;
const body = JSON.stringify({
  model: 'gpt-5.4',
  max_tokens: CEILING,
  messages: [{ role: 'user', content: 'Say hello. '.repeat(12) }],
});
const ESTIMATE = Math.ceil(body.length / 4) + CEILING;

describeOnBoth('two processes on one database and one Redis', () => {
  const name = `gatehouse_test_${randomBytes(6).toString('hex')}`;
  const prefix = `test-${randomBytes(6).toString('hex')}:`;
  const held = new ControlledResponses();
  let fake: FakeProvider;
  let redis: Redis;
  let env: Record<string, string>;
  let one: GatewayProcess;
  let other: GatewayProcess;
  let providerKeyId: string;

  beforeAll(async () => {
    await onServer(`CREATE DATABASE ${name}`);
    const url = new URL(server!);
    url.pathname = `/${name}`;
    fake = await FakeProvider.start();
    answer();
    redis = new Redis(redisUrl!);
    env = {
      DATABASE_URL: url.href,
      REDIS_URL: redisUrl!,
      REDIS_KEY_PREFIX: prefix,
      ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
      ADMIN_EMAIL: 'owner@example.com',
      ADMIN_PASSWORD: 'correct horse battery staple',
      BOOTSTRAP_API_KEY: `arch_api_${randomBytes(32).toString('base64url')}`,
      UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
      LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
    };
    one = await startProcess(env);
    other = await startProcess(env);
    const stored = { name: 'k', provider: 'openai', apiKey: 'sk-stored-0123456789', scope: 'org' };
    providerKeyId = (await one.admin.create('/api/llm-provider-api-keys', stored)).id as string;
  }, 120_000);

  afterAll(async () => {
    await Promise.all([one, other].map((each) => each?.stop()));
    await fake?.close();
    const left = await redis.keys(`${prefix}*`);
    if (left.length > 0) await redis.del(left);
    redis.disconnect();
    await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }, 60_000);

  const answer = (): unknown =>
    fake.on('POST', '/v1/chat/completions', json(200, { model: 'gpt-5.4', choices: [], usage: USED }));
  const limited = async (over: object): Promise<[value: string, limitId: string]> => {
    const key = await one.admin.create('/api/llm-virtual-keys', {
      name: 'k',
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: providerKeyId }],
    });
    const limit = { entityType: 'virtual_key', entityId: key.id, limitType: 'tokens', window: '1d', ...over };
    return [key.value, (await one.admin.create(PATH, limit)).id];
  };
  const chat = (on: GatewayProcess, value: string): Promise<WireResponse> =>
    on.wire.call('POST', '/v1/openai/chat/completions', headersOf(value), body);
  const show = async (id: string): Promise<Json> => (await other.admin.get(`${PATH}/${id}`)).body;
  const settled = (id: string): Promise<Json> =>
    eventually(async () => {
      const found = await show(id);
      return found.reserved === 0 && found;
    }, 'a settled limit');

  /** Simulates two minutes: the slots in which leases end are numbered by time. */
  async function expireLeases(id: string): Promise<void> {
    const [key] = await redis.keys(`${prefix}limit:${id}:*`);
    const slots = Object.entries(await redis.hgetall(key!)).filter(([field]) => field.startsWith('h'));
    for (const [slot, held] of slots) {
      expect(Number(slot.slice(1)) * 10_000 - Date.now()).toBeLessThanOrEqual(130_000);
      await redis.hincrby(key!, `h${Math.floor(Date.now() / 10_000)}`, Number(held));
      await redis.hdel(key!, slot);
    }
  }

  it('500 concurrent calls on both processes never exceed a budget for 50', async () => {
    expect(USED.total_tokens).toBeLessThanOrEqual(ESTIMATE);
    const budget = 50 * ESTIMATE;
    const [value, id] = await limited({ limitValue: budget });
    fake.forget();
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => chat(i % 2 ? one : other, value)));
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 402]));
    expect(passed).toBeGreaterThanOrEqual(50);
    expect(fake.received).toHaveLength(passed);
    const { used } = await settled(id);
    expect(used).toBe(passed * USED.total_tokens);
    expect(used).toBeLessThanOrEqual(budget);
  });

  it('calls that use more than their estimates exceed the budget only by the excess of running calls', async () => {
    const beyond = { prompt_tokens: 100, completion_tokens: 900, total_tokens: 1_000 };
    fake.on('POST', '/v1/chat/completions', json(200, { model: 'gpt-5.4', choices: [], usage: beyond }));
    const budget = 10 * ESTIMATE;
    const [value, id] = await limited({ limitValue: budget });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => chat(i % 2 ? one : other, value)));
    const passed = answers.filter(({ status }) => status === 200).length;
    expect(passed).toBeLessThanOrEqual(10);
    expect((await settled(id)).used).toBeLessThanOrEqual(budget + 10 * (beyond.total_tokens - ESTIMATE));
    answer();
  });

  it('both processes together send each threshold and limit.exceeded once', async () => {
    const events = ['limit.threshold_reached', 'limit.exceeded'];
    fake.on('POST', '/hook', json(200, {}));
    await one.admin.create('/api/webhooks', { url: `${fake.url}/hook`, events });
    const [value, id] = await limited({ limitType: 'requests', limitValue: 40 });
    await Promise.all(Array.from({ length: 100 }, (_, i) => chat(i % 2 ? one : other, value)));
    expect((await settled(id)).used).toBe(40);
    const told = (): string[] =>
      fake.received
        .filter(({ url }) => url === '/hook')
        .map(({ body: event }) => JSON.parse(event.toString()))
        .filter(({ data }) => data.limitId === id)
        .map(({ type, data }) => `${type} ${data.thresholdPercent ?? ''}`);
    await eventually(() => told().length >= 4, 'what webhooks are told');
    // Both processes write their notices within a second, and deliver them within two more.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const passed = [50, 80, 100].map((percent) => `limit.threshold_reached ${percent}`);
    expect(told().sort()).toEqual(['limit.exceeded ', ...passed].sort());
  });

  it('both processes restore usage after Redis has lost its data', async () => {
    const [value, id] = await limited({ limitType: 'requests', limitValue: 3 });
    expect([(await chat(one, value)).status, (await chat(other, value)).status]).toEqual([200, 200]);
    await settled(id);
    // Records are written within a second of their calls.
    await eventually(async () => {
      const { data } = (await one.admin.get('/api/interactions?limit=2')).body;
      return data.length === 2 && Date.parse(data[1].createdAt) > Date.now() - 60_000;
    }, 'the records');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await redis.del(await redis.keys(`${prefix}limit:*`));
    expect([(await chat(other, value)).status, (await chat(one, value)).status]).toEqual([200, 402]);
    expect(await settled(id)).toMatchObject({ used: 3, remaining: 0 });
  });

  it('both processes together admit no more than the limit of parallel calls, and a killed process frees its slots', async () => {
    const most = 5;
    fake.on('POST', '/v1/chat/completions', held.respond);
    const doomed = await startProcess(env);
    const terms = { limitType: 'parallel_requests', limitValue: most, window: undefined };
    const [value, id] = await limited(terms);
    fake.forget();
    const calls = [chat(doomed, value).catch(() => null)];
    const underWay = [await held.next()];
    for (let i = 0; i < 60; i++) calls.push(chat([one, other, doomed][i % 3]!, value).catch(() => null));
    while (underWay.length < most) underWay.push(await held.next());
    expect(await show(id)).toMatchObject({ reserved: most, remaining: 0 });
    expect((await chat(one, value)).status).toBe(429);
    await doomed.kill();
    for (const { response } of underWay) response.end(JSON.stringify({ model: 'gpt-5.4', choices: [], usage: USED }));
    const statuses = (await Promise.all(calls)).map((told) => told?.status ?? null);
    expect(fake.received).toHaveLength(most);
    expect(new Set(statuses)).toEqual(new Set([null, 200, 429].filter((status) => statuses.includes(status))));
    const ofTheDead = most - statuses.filter((status) => status === 200).length;
    expect(ofTheDead).toBeGreaterThanOrEqual(1);
    await eventually(async () => (await show(id)).reserved === ofTheDead, 'the end of what the living held');
    await expireLeases(id);
    expect(await show(id)).toMatchObject({ used: 0, reserved: 0, remaining: most });
    answer();
  }, 60_000);

  it('the reservation of a killed process is released when its lease expires', async () => {
    fake.on('POST', '/v1/chat/completions', held.respond);
    const doomed = await startProcess(env);
    const [value, id] = await limited({ limitType: 'requests', limitValue: 1 });
    const lost = chat(doomed, value).catch(() => undefined);
    await held.next();
    expect(await show(id)).toMatchObject({ reserved: 1, remaining: 0 });
    await doomed.kill();
    await lost;
    answer();
    expect((await chat(one, value)).status).toBe(402);
    await expireLeases(id);
    expect((await chat(one, value)).status).toBe(200);
  }, 60_000);

  async function onServer(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }
});

const headersOf = (value: string) =>
  [
    ['content-type', 'application/json'],
    ['authorization', `Bearer ${value}`],
  ] as const;
