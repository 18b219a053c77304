/**
 * Promise: webhooks are notified of limits that fill up and of guardrails that block, once, and never with a call's
 * content.
 */
import { WebhookNotices } from '../../../src/outbox/webhook-notices.js';
import { WebhookDeliverer } from '../../../src/webhooks/delivery/deliverer.js';
import { json } from '../../support/providers/fake-provider.js';
import type { Json } from '../../support/http/admin-client.js';
import { familyOf, startStage, type Stage, type VirtualKey } from '../../support/gateway/stage.js';
import { TOOL_LANGUAGES } from '../../support/providers/tool-call-dialects.js';
import { WebhookReceiver } from '../../support/http/webhook-receiver.js';
import { eventually, type WireResponse } from '../../support/http/wire-client.js';

const HOUR_MS = 3_600_000;
const openai = familyOf('openai');

let stage: Stage;
let receiver: WebhookReceiver;

beforeAll(async () => {
  stage = await startStage();
  receiver = await WebhookReceiver.start();
  const events = ['limit.threshold_reached', 'limit.exceeded', 'guardrail.blocked'];
  await stage.gateway.admin.create('/api/webhooks', { url: receiver.urlOf('/all'), events });
});
afterAll(async () => {
  receiver.close();
  await stage.close();
});
beforeEach(() => void receiver.received.splice(0));
afterEach(() => {
  stage.gateway.clock.offsetMs = 0;
});

const call = (key: VirtualKey, options: object = {}): Promise<WireResponse> =>
  stage.chat(openai, [openai.key(key.value)], options);

async function limited(over: object): Promise<[VirtualKey, Json]> {
  const key = await stage.virtualKey();
  const terms = { entityType: 'virtual_key', entityId: key.id, limitType: 'requests', window: '1h' };
  return [key, await stage.gateway.admin.create('/api/limits', { ...terms, ...over })];
}

/** One after another, each settled before the next. */
async function calls(key: VirtualKey, limit: Json, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) {
    statuses.push((await call(key)).status);
    await eventually(async () => {
      const { body } = await stage.gateway.admin.get(`/api/limits/${limit.id}`);
      return body.reserved === 0;
    }, 'a settled limit');
  }
  return statuses;
}

/** Returns the events that arrived, unsorted: deliveries have no order. */
async function told(): Promise<Json[]> {
  await stage.gateway.app.nest.get(WebhookNotices).flush();
  await stage.gateway.app.nest.get(WebhookDeliverer).deliver();
  return receiver.at('/all').map(({ body }) => JSON.parse(body));
}
const marks = (events: readonly Json[]): unknown[] =>
  events
    .filter(({ type }) => type === 'limit.threshold_reached')
    .map(({ data }) => data.thresholdPercent)
    .sort((a, b) => a - b);
const refusals = (events: readonly Json[]): Json[] => events.filter(({ type }) => type === 'limit.exceeded');

describe('notices of limits', () => {
  it('a limit sends limit.threshold_reached at 50, 80 and 100 % and limit.exceeded once', async () => {
    const [key, limit] = await limited({ limitValue: 5, model: ['gpt*'] });
    expect(await calls(key, limit, 2)).toEqual([200, 200]);
    expect(await told()).toEqual([]);
    expect(await calls(key, limit, 1)).toEqual([200]);
    const [half] = await told();
    expect(half).toMatchObject({ type: 'limit.threshold_reached' });
    const terms = {
      limitId: limit.id,
      entityType: 'virtual_key',
      entityId: key.id,
      limitType: 'requests',
      limitValue: 5,
    };
    expect(half!.data).toEqual({ ...terms, window: '1h', model: ['gpt*'], thresholdPercent: 50, used: 3 });
    expect(await calls(key, limit, 4)).toEqual([200, 200, 402, 402]);
    const events = await told();
    expect(marks(events)).toEqual([50, 80, 100]);
    expect(refusals(events)).toEqual([expect.objectContaining({ data: expect.objectContaining({ used: 5 }) })]);
  });

  it('the notice of a cost limit states limitValue and used in US dollars', async () => {
    const [key, limit] = await limited({ limitType: 'token_cost', limitValue: 0.000001, window: 'calendar_month' });
    await stage.gateway.admin.patch(`/api/limits/${limit.id}`, { limitValue: 1 });
    await calls(key, limit, 1);
    expect(await told()).toEqual([]);
    const { used } = (await stage.gateway.admin.get(`/api/limits/${limit.id}`)).body;
    expect(used).toBeGreaterThan(0);
    await stage.gateway.admin.patch(`/api/limits/${limit.id}`, { limitValue: used });
    expect(await calls(key, limit, 1)).toEqual([402]);
    const events = await told();
    expect(refusals(events)).toHaveLength(1);
    expect(refusals(events)[0]!.data).toMatchObject({ limitType: 'token_cost', limitValue: used, used });
  });

  it('notices are sent again in the next window and after the limit is raised', async () => {
    const [key, limit] = await limited({ limitValue: 1 });
    await calls(key, limit, 2);
    const first = await told();
    expect([marks(first), refusals(first).length]).toEqual([[50, 80, 100], 1]);
    stage.gateway.clock.offsetMs = 3 * HOUR_MS;
    await calls(key, limit, 2);
    const second = await told();
    expect([marks(second), refusals(second).length]).toEqual([[50, 50, 80, 80, 100, 100], 2]);
    await stage.gateway.admin.patch(`/api/limits/${limit.id}`, { limitValue: 2 });
    await calls(key, limit, 1);
    expect(marks(await told())).toEqual([50, 50, 80, 80, 80, 100, 100, 100]);
  });

  it('concurrent calls send each notice once', async () => {
    const [key, limit] = await limited({ limitValue: 20 });
    await Promise.all(Array.from({ length: 30 }, () => call(key)));
    await calls(key, limit, 1);
    const events = await told();
    expect([marks(events), refusals(events).length]).toEqual([[50, 80, 100], 1]);
  });

  it('a rate limit sends no notices', async () => {
    const [key, limit] = await limited({ limitValue: 1, window: '1m' });
    expect(await calls(key, limit, 2)).toEqual([200, 429]);
    expect(await told()).toEqual([]);
  });

  it('notices include usage from before a counter was lost', async () => {
    const [key, limit] = await limited({ limitValue: 1000 });
    await calls(key, limit, 3);
    expect(await told()).toEqual([]);
    await stage.gateway.flushRecords();
    const later = { entityType: 'virtual_key', entityId: key.id, limitType: 'requests', window: '1d', limitValue: 4 };
    await calls(key, await stage.gateway.admin.create('/api/limits', later), 0);
    await calls(key, limit, 1);
    expect(marks(await told())).toEqual([50, 80, 100]);
  });
});

describe('notices of guardrails', () => {
  it.each(['error', 'refuse'])('the notice of a blocked tool call has no arguments (%s)', async (onBlock) => {
    const when = [{ pointer: '/path', exists: true }];
    const rules = [{ name: 'no-delete', tools: ['delete_*'], when, action: 'block' }];
    const policy = { guardrails: { toolCalls: { rules, onBlock } } };
    const proxy = await stage.gateway.admin.create('/api/llm-proxies', { name: `Tools ${onBlock}`, policy });
    const key = await stage.virtualKey();
    const language = TOOL_LANGUAGES['Chat Completions']!;
    const calls = [{ name: 'delete_file', args: '{"path":"secret-7"}' }];
    stage.fake.on('POST', '/v1/chat/completions', json(200, language.whole({ text: '', calls })));
    const tools = [{ type: 'function', function: { name: 'delete_file', parameters: { type: 'object' } } }];
    const answer = await stage.wire.call(
      'POST',
      `/v1/openai/${proxy.id}/chat/completions`,
      [openai.key(key.value), ['content-type', 'application/json']],
      JSON.stringify({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'Tidy up.' }], tools }),
    );
    expect(answer.status).toBe(onBlock === 'error' ? 403 : 200);
    const events = (await told()).filter(({ data }) => data.proxyId === proxy.id);
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      [
        'guardrail.blocked',
        { interactionId: expect.any(String), proxyId: proxy.id, guardrail: 'no-delete', on: 'answer' },
      ],
    ]);
    expect(receiver.received.map(({ body }) => body).join()).not.toContain('secret-7');
  });

  it('the notice of a blocked request has no text, and at most 120 notices are sent for 101 blocks', async () => {
    const guardrails = [
      { name: 'projects', detector: 'pattern', pattern: 'PRJ-\\d{4}', on: 'request', action: 'block' },
    ];
    const proxy = await stage.gateway.admin.create('/api/llm-proxies', { name: 'Guarded', policy: { guardrails } });
    const key = await stage.virtualKey();
    const body = JSON.stringify({ model: 'gpt-5.4', messages: [{ role: 'user', content: 'Tell me of PRJ-1234.' }] });
    const blocked = (): Promise<WireResponse> =>
      stage.wire.call(
        'POST',
        `/v1/openai/${proxy.id}/chat/completions`,
        [openai.key(key.value), ['content-type', 'application/json']],
        body,
      );
    expect((await blocked()).status).toBeGreaterThanOrEqual(400);
    const [event] = await told();
    expect(event!.data).toEqual({
      interactionId: expect.any(String),
      proxyId: proxy.id,
      guardrail: 'projects',
      on: 'request',
    });
    expect(receiver.received[0]!.body).not.toContain('PRJ-1');
    await Promise.all(Array.from({ length: 100 }, blocked));
    expect((await told()).length).toBeLessThanOrEqual(120);
  });
});
