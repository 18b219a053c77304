/** Two processes on one database: a right removed on one is removed on the other, and an outage never causes a 401. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { FakeProvider } from '../../support/providers/fake-provider.js';
import { mintToken } from '../../../src/platform/crypto/token-mint.js';
import { startProcess, type GatewayProcess } from '../../support/gateway/gateway-process.js';
import { ControlledResponses } from '../../support/providers/controlled-responses.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { respondAsVendors, familyOf } from '../../support/gateway/stage.js';
import { TcpRelay } from '../../support/faults/tcp-relay.js';
import { eventually, type OpenResponse, type WireResponse } from '../../support/http/wire-client.js';

const server = process.env.TEST_DATABASE_URL;
const describeOnPostgres = server ? describe : describe.skip;
const openai = familyOf('openai');
const STREAMED = JSON.stringify({ model: 'gpt-5.4', stream: true, messages: [] });
const JSON_TYPE = ['content-type', 'application/json'] as const;
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
const EVENT = 'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n';
/** The message type of a NotificationResponse (PostgreSQL protocol, "Message Formats"). */
const NOTIFICATION = 0x41;

describeOnPostgres('two processes on one database', () => {
  const name = `gatehouse_test_${randomBytes(6).toString('hex')}`;
  const held = new ControlledResponses();
  let fake: FakeProvider;
  let one: GatewayProcess;
  let other: GatewayProcess;
  /** Receives no notifications, and relies on the poll. */
  let deaf: GatewayProcess;
  let deafening: TcpRelay;
  /** Reaches the database through a relay that the tests break. */
  let cutOff: GatewayProcess;
  let way: TcpRelay;
  let providerKeyId: string;

  beforeAll(async () => {
    const url = new URL(server!);
    await onServer(`CREATE DATABASE ${name}`);
    url.pathname = `/${name}`;
    fake = await FakeProvider.start();
    respondAsVendors(fake);
    fake.on('POST', '/v1/responses', held.respond);
    const host = url.hostname;
    const port = Number(url.port || 5432);
    way = await TcpRelay.start(host, port);
    deafening = await TcpRelay.start(host, port, {
      passes: (opening, chunk) => !(opening.includes('gatehouse auth events') && chunk[0] === NOTIFICATION),
    });
    const over = (relay: TcpRelay): string => {
      const through = new URL(url);
      through.hostname = '127.0.0.1';
      through.port = String(relay.port);
      return through.href;
    };
    const env = {
      DATABASE_URL: url.href,
      ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
      ADMIN_EMAIL: 'owner@example.com',
      ADMIN_PASSWORD: 'correct horse battery staple',
      BOOTSTRAP_API_KEY: `arch_api_${randomBytes(32).toString('base64url')}`,
      UPSTREAM_ALLOWED_HOSTS: '127.0.0.1',
      LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
      FAILED_CREDENTIALS_PER_MINUTE: '100000',
    };
    one = await startProcess(env);
    other = await startProcess(env);
    deaf = await startProcess({ ...env, DATABASE_URL: over(deafening) });
    cutOff = await startProcess({ ...env, DATABASE_URL: over(way) });
    providerKeyId = await storeKey('openai');
  }, 120_000);

  afterAll(async () => {
    await Promise.all([one, other, deaf, cutOff].map((each) => each?.stop()));
    await Promise.all([way, deafening].map((relay) => relay?.close()));
    await fake?.close();
    await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }, 60_000);

  const storeKey = async (provider: string): Promise<string> => {
    const body = { name: 'k', provider, apiKey: 'sk-stored-0123456789', scope: 'org' };
    return (await one.admin.create('/api/llm-provider-api-keys', body)).id as string;
  };
  const virtualKey = (over: object = {}): Promise<{ id: string; value: string }> =>
    one.admin.create('/api/llm-virtual-keys', {
      name: 'k',
      providerApiKeys: [{ provider: 'openai', providerApiKeyId: providerKeyId }],
      ...over,
    });
  const chat = (on: GatewayProcess, value: string, path = 'openai/chat/completions'): Promise<WireResponse> =>
    on.wire.call('POST', `/v1/${path}`, [JSON_TYPE, bearer(value)], openai.body);
  const stream = async (on: GatewayProcess, value: string): Promise<OpenResponse> => {
    const asked = on.wire.open('POST', '/v1/openai/responses', [JSON_TYPE, bearer(value)], STREAMED);
    const { response } = await held.next();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(EVENT);
    const answer = await asked;
    await answer.until('Hello');
    return answer;
  };

  /** Ways of losing rights, on process one. */
  const LOSSES: readonly [string, (key: { id: string }, ownerId: string) => Promise<{ status: number }>, number][] = [
    ['revoked', ({ id }) => one.admin.post(`/api/llm-virtual-keys/${id}/revoke`), 200],
    ['deleted', ({ id }) => one.admin.delete(`/api/llm-virtual-keys/${id}`), 204],
    ['rotated', ({ id }) => one.admin.post(`/api/llm-virtual-keys/${id}/rotate`, {}), 200],
    ['disabled with its owner', (_, ownerId) => one.admin.post(`/api/users/${ownerId}/disable`), 200],
  ];

  describe.each([
    ['by notification', () => other],
    ['by the poll alone', () => deaf],
  ])('revocation %s', (how, process) => {
    it.each(LOSSES)(
      'a virtual key %s on one process loses calls and streams on the other within 2 s',
      async (what, lose, status) => {
        const owner = await one.admin.create('/api/users', { email: `${randomBytes(6).toString('hex')}@example.com` });
        // A user cannot rotate another person's key.
        const key = await virtualKey(what === 'rotated' ? {} : { ownerId: owner.id });
        const there = process();
        expect((await chat(there, key.value)).status).toBe(200);
        expect((await chat(one, key.value)).status).toBe(200);
        const open = await stream(there, key.value);
        const startedAt = performance.now();
        let cutAfterMs = -1;
        void open.ended.then(() => (cutAfterMs = performance.now() - startedAt));
        expect((await lose(key, owner.id as string)).status).toBe(status);
        // Immediately on the process of the change.
        expectRefusal('openai', await chat(one, key.value), { status: 401, code: 'credential_invalid' });
        const refused = await eventually(
          async () => {
            const answer = await chat(there, key.value);
            return answer.status !== 200 && answer;
          },
          'the refusal',
          2_000,
        );
        const refusedAfterMs = performance.now() - startedAt;
        expectRefusal('openai', refused, { status: 401, code: 'credential_invalid' });
        const { complete, text } = await open.ended;
        expect([complete, text.includes('response.failed')]).toEqual([true, true]);
        expect(cutAfterMs).toBeLessThan(2_000);
        console.info(
          `${what}, ${how}: refused after ${refusedAfterMs.toFixed(0)} ms, cut after ${cutAfterMs.toFixed(0)} ms`,
        );
      },
    );

    it('changes of models, LLM proxies and mapped keys take effect on another process', async () => {
      const key = await virtualKey();
      const proxyId = (await one.admin.create('/api/llm-proxies', { name: randomBytes(6).toString('hex') }))
        .id as string;
      const there = process();
      const path = `openai/${proxyId}/chat/completions`;
      expect((await chat(there, key.value, path)).status).toBe(200);
      await one.admin.patch(`/api/llm-proxies/${proxyId}`, { policy: { deniedModels: ['gpt-*'] } });
      await eventually(async () => (await chat(there, key.value, path)).status === 403, 'the denied model', 2_000);
      await one.admin.patch(`/api/llm-proxies/${proxyId}`, { policy: { deniedModels: [] } });
      await eventually(async () => (await chat(there, key.value, path)).status === 200, 'the allowed model', 2_000);
      const stored = await storeKey('openai');
      const mapTo = (provider: string, providerApiKeyId: string) =>
        one.admin.patch(`/api/llm-virtual-keys/${key.id}`, { providerApiKeys: [{ provider, providerApiKeyId }] });
      await mapTo('groq', await storeKey('groq'));
      await eventually(async () => (await chat(there, key.value, path)).status === 400, 'the lost mapping', 2_000);
      await mapTo('openai', stored);
      await eventually(async () => (await chat(there, key.value, path)).status === 200, 'the new mapping', 2_000);
      expect((await one.admin.delete(`/api/llm-provider-api-keys/${stored}`)).status).toBe(204);
      const unmapped = { status: 400, code: 'provider_not_mapped' };
      expectRefusal('openai', await chat(one, key.value, path), unmapped);
      const refused = await eventually(
        async () => {
          const answer = await chat(there, key.value, path);
          // A call in flight at that moment ends with 401, as a stream does.
          return answer.status === unmapped.status && answer;
        },
        'the deleted provider key',
        2_000,
      );
      expectRefusal('openai', refused, unmapped);
      await one.admin.delete(`/api/llm-proxies/${proxyId}`);
      await eventually(async () => (await chat(there, key.value, path)).status === 404, 'the lost proxy', 2_000);
    });
  });

  it('a database outage causes 503 instead of 401, and cached callers expire within 3 s', async () => {
    const key = await virtualKey();
    const cold = await virtualKey();
    const proxyId = (await one.admin.create('/api/llm-proxies', { name: randomBytes(6).toString('hex') })).id as string;
    const unavailable = { status: 503, code: 'temporarily_unavailable' };
    expect((await chat(cutOff, key.value)).status).toBe(200);
    await way.break();
    try {
      const brokenAt = performance.now();
      // The key is still cached for a moment; the proxy is not.
      expectRefusal('openai', await chat(cutOff, key.value, `openai/${proxyId}/chat/completions`), unavailable);
      for (const value of [cold.value, mintToken('arch_').expose()])
        expectRefusal('openai', await chat(cutOff, value), unavailable);
      expect((await cutOff.admin.get('/api/me')).status).toBe(503);
      fake.forget();
      let lastServedMs = 0;
      const statuses = new Set<number>();
      await eventually(
        async () => {
          const { status } = await chat(cutOff, key.value);
          statuses.add(status);
          if (status === 200) lastServedMs = performance.now() - brokenAt;
          return status !== 200 && performance.now() - brokenAt > 3_000;
        },
        'the end of what is known by heart',
        10_000,
      );
      expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(lastServedMs).toBeLessThan(3_000);
      expectRefusal('openai', await chat(cutOff, key.value), unavailable);
      expectRefusal('openai', await chat(cutOff, 'sk-own-0123456789'), unavailable);
      expect(Number((await chat(cutOff, key.value)).headers['retry-after'])).toBeGreaterThan(0);
      expect((await cutOff.wire.call('GET', '/livez')).status).toBe(200);
      const ready = await cutOff.wire.call('GET', '/readyz');
      expect([ready.status, ready.json.database]).toEqual([503, 'unreachable']);
      console.info(`database away: last served after ${lastServedMs.toFixed(0)} ms`);
    } finally {
      await way.mend();
    }
    await eventually(async () => (await chat(cutOff, key.value)).status === 200, 'service again', 10_000);
    expect((await chat(cutOff, cold.value)).status).toBe(200);
    expectRefusal('openai', await chat(cutOff, mintToken('arch_').expose()), {
      status: 401,
      code: 'credential_invalid',
    });
  }, 60_000);

  it('a key revoked during a database outage is rejected afterwards, and its stream is cut', async () => {
    const key = await virtualKey();
    const open = await stream(cutOff, key.value);
    await way.break();
    try {
      expect((await one.admin.post(`/api/llm-virtual-keys/${key.id}/revoke`)).status).toBe(200);
    } finally {
      await way.mend();
    }
    await eventually(async () => (await chat(cutOff, key.value)).status === 401, 'the refusal', 10_000);
    const { complete, text } = await open.ended;
    expect(complete).toBe(true);
    expect(text).toContain('credential_invalid');
  }, 60_000);

  it('records of calls during a database outage are written afterwards', async () => {
    const key = await virtualKey();
    const open = await stream(cutOff, key.value);
    const id = open.headers['x-request-id'] as string;
    await way.break();
    open.abort();
    await eventually(async () => (await chat(cutOff, key.value)).status === 503, 'the outage to be noticed', 10_000);
    await way.mend();
    const found = await eventually(
      async () => {
        const answer = await one.admin.get(`/api/interactions/${id}`);
        return answer.status === 200 && answer;
      },
      'the record',
      15_000,
    );
    expect(found.body).toMatchObject({ outcome: 'client_aborted', authMethod: 'virtual-key' });
  }, 60_000);

  it('a process that receives a stop signal finishes its stream and exits with 0', async () => {
    const key = await virtualKey();
    const asked = other.wire.open('POST', '/v1/openai/responses', [JSON_TYPE, bearer(key.value)], STREAMED);
    const { response } = await held.next();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(EVENT);
    const answer = await asked;
    await answer.until('Hello');
    const stopped = other.stop();
    await eventually(async () => (await other.wire.call('GET', '/readyz')).status === 503, 'the drain');
    response.end(EVENT);
    expect(await answer.ended).toEqual({ complete: true, text: EVENT + EVENT });
    expect(await stopped).toBe(0);
    const record = await one.admin.get(`/api/interactions/${answer.headers['x-request-id'] as string}`);
    expect(record.body).toMatchObject({ outcome: 'success' });
  }, 30_000);
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
