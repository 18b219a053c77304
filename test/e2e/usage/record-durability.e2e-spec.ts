/**
 * The record survives: an outage of the database loses none, and with strict audit no response completes without its
 * record.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { FakeProvider } from '../../support/providers/fake-provider.js';
import { startProcess, type GatewayProcess } from '../../support/gateway/gateway-process.js';
import { respondAsVendors, familyOf } from '../../support/gateway/stage.js';
import { TcpRelay } from '../../support/faults/tcp-relay.js';
import { eventually, type WireResponse } from '../../support/http/wire-client.js';

const server = process.env.TEST_DATABASE_URL;
const describeOnPostgres = server ? describe : describe.skip;
const openai = familyOf('openai');
const STREAMED = JSON.stringify({ model: 'gpt-5.4', stream: true, messages: [] });
/** Minimum duration of the outage; configurable for watching a longer one. */
const AWAY_MS = Number(process.env.TEST_DATABASE_AWAY_MS ?? 0);
const EVENT = 'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n';

describeOnPostgres('the records of calls', () => {
  const name = `gatehouse_test_${randomBytes(6).toString('hex')}`;
  let database: pg.Pool;
  let fake: FakeProvider;
  let way: TcpRelay;
  let dataDir: string;
  let env: Record<string, string>;
  let gateway: GatewayProcess;
  let key: string;

  beforeAll(async () => {
    const url = new URL(server!);
    await onServer(`CREATE DATABASE ${name}`);
    url.pathname = `/${name}`;
    database = new pg.Pool({ connectionString: url.href });
    fake = await FakeProvider.start();
    respondAsVendors(fake);
    fake.on('POST', '/v1/responses', (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(EVENT);
      setTimeout(() => response.end('data: [DONE]\n\n'), 5);
    });
    way = await TcpRelay.start(url.hostname, Number(url.port || 5432));
    url.hostname = '127.0.0.1';
    url.port = String(way.port);
    dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-records-'));
    env = {
      DATABASE_URL: url.href,
      DATA_DIR: dataDir,
      ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
      ADMIN_EMAIL: 'owner@example.com',
      ADMIN_PASSWORD: 'correct horse battery staple',
      BOOTSTRAP_API_KEY: `arch_api_${randomBytes(32).toString('base64url')}`,
      UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
      LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
      STALE_AUTH_SECONDS: '3600',
    };
    gateway = await startProcess(env);
    const stored = await gateway.admin.create('/api/llm-provider-api-keys', {
      name: 'k',
      provider: 'openai',
      apiKey: 'sk-stored-0123456789',
      scope: 'org',
    });
    const made = await gateway.admin.create('/api/llm-virtual-keys', {
      name: 'k',
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: stored.id as string }],
    });
    key = made.value as string;
  }, 120_000);

  afterAll(async () => {
    await way?.mend();
    await gateway?.stop();
    await way?.close();
    await fake?.close();
    await database?.end();
    await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  const call = (path: string, body: string): Promise<WireResponse> =>
    gateway.wire.call(
      'POST',
      `/v1/openai/${path}`,
      [
        ['content-type', 'application/json'],
        ['authorization', `Bearer ${key}`],
      ],
      body,
    );
  const chat = (): Promise<WireResponse> => call('chat/completions', openai.body);
  const idOf = ({ headers }: WireResponse): string => String(headers['x-request-id']);
  const recorded = async (): Promise<string[]> =>
    (await database.query<{ id: string }>('SELECT id FROM interaction ORDER BY created_at, id')).rows.map(
      ({ id }) => id,
    );
  const counted = async (): Promise<number> =>
    (
      await database.query<{ calls: number }>(
        `SELECT coalesce(sum(requests), 0)::int AS calls FROM usage_rollup WHERE dimension = 'all' AND step = 'day'`,
      )
    ).rows[0]!.calls;
  const spooled = async (): Promise<string[]> => readdir(join(dataDir, 'spool')).catch(() => []);

  it(
    'every call during a database outage under load has exactly one record afterwards',
    async () => {
      const ids: string[] = [idOf(await chat())];
      await way.break();
      const backAt = Date.now() + AWAY_MS;
      while (ids.length < 1_500 || (await spooled()).length === 0 || Date.now() < backAt) {
        const answers = await Promise.all(Array.from({ length: 16 }, chat));
        for (const answer of answers) expect(answer.status).toBe(200);
        ids.push(...answers.map(idOf));
      }
      await way.mend();
      await eventually(async () => (await recorded()).length >= ids.length, 'the records', 30_000 + AWAY_MS);
      const inOrder = await recorded();
      expect([...inOrder].sort()).toEqual([...ids].sort());
      expect(await counted()).toBe(ids.length);
      await eventually(async () => (await spooled()).length === 0, 'the end of the spool');
    },
    120_000 + 3 * AWAY_MS,
  );

  it('every complete response has a record when a process with strict audit is killed under load', async () => {
    const { rows } = await database.query<{ id: string }>('SELECT id FROM llm_proxy WHERE is_default');
    expect((await gateway.admin.patch(`/api/llm-proxies/${rows[0]!.id}`, { strictAudit: true })).status).toBe(200);
    const seen: string[] = [];
    let isOver = false;
    const caller = async (i: number): Promise<void> => {
      while (!isOver) {
        const answer = await (i % 2 ? chat() : call('responses', STREAMED)).catch(() => null);
        if (!answer) return;
        const isWhole = i % 2 ? answer.complete : answer.text.includes('[DONE]');
        if (answer.status === 200 && isWhole) seen.push(idOf(answer));
      }
    };
    const load = Array.from({ length: 16 }, (_, i) => caller(i));
    await eventually(() => seen.length > 100, 'calls with the database there', 30_000);
    await way.break();
    const before = seen.length;
    await eventually(() => seen.length > before + 100, 'calls with the database away', 30_000);
    await gateway.kill();
    isOver = true;
    await Promise.all(load);
    await way.mend();
    gateway = await startProcess(env);
    const missing = async (): Promise<string[]> => {
      const there = new Set(await recorded());
      return seen.filter((id) => !there.has(id));
    };
    await eventually(async () => (await missing()).length === 0, 'the records of all answers', 30_000);
    expect(await counted()).toBe((await recorded()).length);
  }, 120_000);
});

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
