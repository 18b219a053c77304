/** Promise: with a webhook guardrail, content leaves or enters only as the admin's own service decides. */
import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ContentWriter } from '../../../src/content/capture/content-writer.js';
import { json } from '../../support/providers/fake-provider.js';
import { encodeFrame } from '../../../src/providers/wire/event-stream.js';
import type { Json } from '../../support/http/admin-client.js';
import { ControlledResponses } from '../../support/providers/controlled-responses.js';
import { auditOf, sql } from '../../support/gateway/people.js';
import { torn, wireJson } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';
import { WebhookReceiver, type ReceivedEvent } from '../../support/http/webhook-receiver.js';
import { eventually } from '../../support/http/wire-client.js';

const CHAT = '/v1/chat/completions';
const PROXIES = '/api/llm-proxies';
const TIMEOUT_MS = 300;

let scenario: Scenario;
let receiver: WebhookReceiver;

beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic', 'bedrock');
  receiver = await WebhookReceiver.start();
});
beforeEach(() => {
  scenario.forget();
  receiver.received.length = 0;
});
afterAll(async () => {
  receiver.close();
  await scenario.close();
});

let count = 0;
/** Creates a proxy with a webhook guardrail that gets this response, in addition to `rules`. */
async function guarded(
  answer: object | ((question: Json, response: ServerResponse) => void),
  more: object = {},
  { rules = [] as object[], proxy = {} } = {},
): Promise<Json> {
  const path = `/judge-${++count}`;
  receiver.answers.set(path, (response) => {
    const question = JSON.parse(receiver.at(path).at(-1)!.body);
    if (typeof answer === 'function') return answer(question, response);
    saying(response, answer);
  });
  const guardrail = { name: 'judge', detector: 'webhook', url: receiver.urlOf(path), on: 'both', ...more };
  const body = { name: path, ...proxy, policy: { guardrails: [guardrail, ...rules] } };
  return { ...(await scenario.gateway.admin.create(PROXIES, body)), path };
}
const saying = (response: ServerResponse, answer: object, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
/** Replaces all occurrences of a word. */
const redacting =
  (word: string, mask: string, more: object = {}) =>
  ({ data }: Json, response: ServerResponse): void => {
    const texts = data.texts
      .filter(({ text }: Json) => text.includes(word))
      .map(({ pointer, text }: Json) => ({ pointer, text: text.replaceAll(word, mask) }));
    saying(response, texts.length > 0 ? { action: 'redact', texts, ...more } : { action: 'allow' });
  };
const blocking =
  (word: string) =>
  ({ data }: Json, response: ServerResponse): void =>
    saying(response, {
      action: data.texts.some(({ text }: Json) => text.includes(word)) ? 'block' : 'allow',
      reason: 'off_limits',
    });

const questions = ({ path }: Json): Json[] => receiver.at(path).map(({ body }) => JSON.parse(body));

function post(proxy: Json, body: unknown, provider = 'openai', path = 'chat/completions'): Promise<Response> {
  return fetch(`${scenario.target('', { provider, proxyId: proxy.id }).baseUrl}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
const asking = (content: string, more: object = {}): object => ({
  model: 'gpt-5.4',
  messages: [{ role: 'user', content }],
  ...more,
});
const answering = (content: string): Json => {
  const answer = wireJson('openai', 'chat.json');
  answer.choices[0].message.content = content;
  return answer;
};
const arrived = (): Json => JSON.parse(scenario.vendor.received.at(-1)!.body.toString());
const answers = (content: string): void => void scenario.vendor.on('POST', CHAT, json(200, answering(content)));

describe('settings of a webhook guardrail', () => {
  const made = (guardrail: object): Promise<Json> =>
    scenario.gateway.admin.post(PROXIES, { name: `setup ${++count}`, policy: { guardrails: [guardrail] } });
  const JUDGE = { name: 'judge', detector: 'webhook', url: 'https://judge.example.com/ask', on: 'request' };

  it('a new webhook guardrail shows its secret only in the response that creates it', async () => {
    const { status, body, headers } = await made(JUDGE);
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    const { guardrailSecret, ...view } = body;
    expect(guardrailSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(view.policy.guardrails).toEqual([
      { ...JUDGE, pattern: null, action: null, timeoutMs: 5_000, onFailure: 'block' },
    ]);
    const { admin, log } = scenario.gateway;
    expect((await admin.get(`${PROXIES}/${body.id}`)).body).toEqual(view);
    const renamed = (await admin.patch(`${PROXIES}/${body.id}`, { policy: view.policy })).body;
    expect(renamed).toEqual({ ...view, updatedAt: expect.any(String) });
    const [row] = await sql(scenario.gateway, 'SELECT * FROM llm_proxy WHERE id = $1', [body.id]);
    const told = JSON.stringify([row, await auditOf(scenario.gateway, body.id), log]);
    expect(told).not.toContain(guardrailSecret.slice('whsec_'.length));
    expect(await auditOf(scenario.gateway, body.id)).toMatchObject([{ after: view }, {}]);
  });

  it('rotate-guardrail-secret makes a new secret, and removing the guardrail deletes it', async () => {
    const { body } = await made(JUDGE);
    const { admin } = scenario.gateway;
    const rotated = await admin.post(`${PROXIES}/${body.id}/rotate-guardrail-secret`);
    expect(rotated.status).toBe(200);
    expect(rotated.body.guardrailSecret).toMatch(/^whsec_/);
    expect(rotated.body.guardrailSecret).not.toBe(body.guardrailSecret);
    const audit = JSON.stringify(await auditOf(scenario.gateway, body.id));
    expect(audit).toContain('llm_proxy.rotate_guardrail_secret');
    expect(audit).not.toContain('whsec_');
    const gone = (await admin.patch(`${PROXIES}/${body.id}`, { policy: { guardrails: [] } })).body;
    expect(gone.guardrailSecret).toBeUndefined();
    expect(
      await sql(scenario.gateway, 'SELECT sealed_guardrail_secret AS s FROM llm_proxy WHERE id = $1', [body.id]),
    ).toEqual([{ s: null }]);
    expect((await admin.post(`${PROXIES}/${body.id}/rotate-guardrail-secret`)).status).toBe(409);
    const again = (await admin.patch(`${PROXIES}/${body.id}`, { policy: { guardrails: [JUDGE] } })).body;
    expect(again.guardrailSecret).toMatch(/^whsec_/);
  });

  it.each([
    [{ ...JUDGE, url: undefined }, '/policy/guardrails/0/url'],
    [{ ...JUDGE, url: 'https://10.0.0.1/' }, '/policy/guardrails/0/url'],
    [{ ...JUDGE, url: 'https://169.254.169.254/latest' }, '/policy/guardrails/0/url'],
    [{ ...JUDGE, url: 'https://user:word@judge.example.com/' }, '/policy/guardrails/0/url'],
    [{ ...JUDGE, url: 'not one' }, '/policy/guardrails/0/url'],
    [{ ...JUDGE, action: 'block' }, '/policy/guardrails/0/action'],
    [{ ...JUDGE, pattern: 'a' }, '/policy/guardrails/0/pattern'],
    [{ ...JUDGE, timeoutMs: 99 }, '/policy/guardrails/0/timeoutMs'],
    [{ ...JUDGE, timeoutMs: 30_001 }, '/policy/guardrails/0/timeoutMs'],
    [{ ...JUDGE, onFailure: 'retry' }, '/policy/guardrails/0/onFailure'],
    [{ name: 'x', detector: 'email', on: 'both', action: 'flag', url: JUDGE.url }, '/policy/guardrails/0/url'],
    [{ name: 'x', detector: 'email', on: 'both' }, '/policy/guardrails/0/action'],
  ])('the API refuses the webhook guardrail %j with 400 and its pointer', async (guardrail, pointer) => {
    const { status, body } = await made(guardrail);
    expect(status).toBe(400);
    expect(body.errors[0].pointer).toBe(pointer);
  });

  it('an LLM proxy accepts only one webhook guardrail', async () => {
    const guardrails = [JUDGE, { ...JUDGE, name: 'other' }];
    const { status, body } = await scenario.gateway.admin.post(PROXIES, { name: 'two', policy: { guardrails } });
    expect([status, body.errors[0].pointer]).toEqual([400, '/policy/guardrails']);
  });
});

describe("a webhook guardrail's request", () => {
  it('a guardrail request is signed like Standard Webhooks, with ids and texts and no credential', async () => {
    answers('Fine.');
    const proxy = await guarded({ action: 'allow' }, { on: 'request' });
    const answer = await post(proxy, asking('Is it fine?'));
    expect(answer.status).toBe(200);
    const [{ headers, body }] = receiver.at(proxy.path) as [ReceivedEvent];
    const { id } = await scenario.record();
    expect(JSON.parse(body)).toEqual({
      type: 'guardrail.request',
      timestamp: expect.any(String),
      data: {
        guardrail: 'judge',
        interactionId: id,
        organizationId: expect.any(String),
        proxyId: proxy.id,
        provider: 'openai',
        model: 'gpt-5.4',
        who: { virtualKeyId: scenario.ids.virtualKey, oauthClientId: null, userId: expect.anything() },
        texts: [{ pointer: '/messages/0/content', offset: 0, text: 'Is it fine?' }],
      },
    });
    const key = Buffer.from(proxy.guardrailSecret.slice('whsec_'.length), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(JSON.stringify([headers, body])).not.toMatch(/arch_|stored-key|authorization/);
  });

  it('a guardrail request is signed with the new secret after rotation', async () => {
    answers('Fine.');
    const proxy = await guarded({ action: 'allow' }, { on: 'request' });
    await post(proxy, asking('?'));
    const { body: rotated } = await scenario.gateway.admin.post(`${PROXIES}/${proxy.id}/rotate-guardrail-secret`);
    await post(proxy, asking('?'));
    const { headers, body } = receiver.at(proxy.path).at(-1)!;
    const key = Buffer.from(rotated.guardrailSecret.slice('whsec_'.length), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  it('on the Model Router a guardrail request names the requested model, and for the response its target', async () => {
    answers('Fine.');
    const proxy = await guarded({ action: 'allow' });
    const answer = await post(proxy, { ...asking('?'), model: 'openai:gpt-5.4' }, 'model-router');
    expect(answer.status).toBe(200);
    expect(questions(proxy).map(({ type, data }) => [type, data.provider, data.model])).toEqual([
      ['guardrail.request', null, 'openai:gpt-5.4'],
      ['guardrail.answer', 'openai', 'gpt-5.4'],
    ]);
  });

  it('a webhook guardrail runs after the other guardrails, on the text that they let pass', async () => {
    answers('Fine.');
    const rules = [
      { name: 'people', detector: 'email', on: 'both', action: 'redact' },
      { name: 'projects', detector: 'pattern', pattern: 'PRJ-\\d{4}', on: 'request', action: 'block' },
    ];
    const proxy = await guarded({ action: 'allow' }, { on: 'request' }, { rules });
    await post(proxy, asking('Write to anna@example.com'));
    expect(questions(proxy)[0]!.data.texts[0].text).toBe('Write to [e-mail]');
    expect((await post(proxy, asking('PRJ-1234'))).status).toBe(403);
    expect(questions(proxy)).toHaveLength(1);
  });

  it('a guardrail request holds no files and no model names, and distinguishes duplicate members', async () => {
    answers('Fine.');
    const proxy = await guarded(redacting('bird', 'fowl'), { on: 'request' });
    const file = `data:image/png;base64,${'iVBORw0KGgo/'.repeat(500)}`;
    const body = `{"model":"gpt-5.4","messages":[{"role":"user","content":"a bird","content":"no bird","image":"${file}"}]}`;
    await fetch(`${scenario.target('', { provider: 'openai', proxyId: proxy.id }).baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
      body,
    });
    expect(questions(proxy)[0]!.data.texts).toEqual([
      { pointer: '/messages/0/content', offset: 0, text: 'a bird' },
      { pointer: '/messages/0/content~2', offset: 0, text: 'no bird' },
    ]);
    expect(scenario.vendor.received[0]!.body.toString()).toBe(body.replaceAll('bird', 'fowl'));
  });
});

describe('an LLM request under a webhook guardrail', () => {
  beforeEach(() => answers('Fine.'));

  it('a request that the webhook guardrail allows passes byte for byte and leaves no guardrail in its record', async () => {
    const proxy = await guarded({ action: 'allow' }, { on: 'request' });
    const body = asking('Is it fine?');
    const answer = await post(proxy, body);
    expect(answer.headers.get('x-gateway-guardrails')).toBeNull();
    expect(scenario.vendor.received[0]!.body.toString()).toBe(JSON.stringify(body));
    expect((await scenario.record()).guardrails).toBeNull();
  });

  it.each(['openai', 'model-router'])(
    'a request that a webhook guardrail blocks on %s gets 403 guardrail_blocked with its slug',
    async (surface) => {
      const proxy = await guarded(blocking('nightingale'), { on: 'request' });
      const model = surface === 'openai' ? 'gpt-5.4' : 'openai:gpt-5.4';
      const answer = await post(proxy, asking('Project nightingale', { model }), surface);
      const text = await answer.text();
      expect(answer.status).toBe(403);
      expect(JSON.parse(text).error).toMatchObject({ code: 'guardrail_blocked' });
      expect(text).toContain('"judge\\" refused the request (off_limits)');
      expect(text).not.toContain('nightingale');
      expect(scenario.vendor.received).toEqual([]);
      const record = await scenario.record();
      expect(record).toMatchObject({ status: 403, outcome: 'refused', errorCode: 'guardrail_blocked' });
      expect(record.guardrails).toMatchObject([
        { guardrail: 'judge', action: 'block', on: 'request', reason: 'off_limits', failure: null },
      ]);
      expect(JSON.stringify(record)).not.toContain('nightingale');
    },
  );

  it('the refusal by a webhook guardrail omits a reason that is not a slug', async () => {
    const proxy = await guarded({ action: 'block', reason: 'You said: Project nightingale' }, { on: 'request' });
    const answer = await post(proxy, asking('Project nightingale'));
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain('You said');
    expect((await scenario.record()).guardrails).toMatchObject([{ action: 'block', reason: null }]);
  });

  it('a request that a webhook guardrail redacts is forwarded without the text and recorded', async () => {
    const proxy = await guarded(redacting('nightingale', '[bird]', { reason: 'codename' }), { on: 'request' });
    const answer = await post(proxy, asking('Project nightingale, please'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-gateway-guardrails')).toBe('judge');
    expect(arrived().messages[0].content).toBe('Project [bird], please');
    const record = await scenario.record();
    expect(record.guardrails).toEqual([
      {
        guardrail: 'judge',
        action: 'redact',
        on: 'request',
        pointer: '/messages/0/content',
        offset: 8,
        length: 'nightingale'.length,
        reason: 'codename',
        failure: null,
      },
    ]);
    expect(JSON.stringify(record)).not.toContain('nightingale');
  });

  it('a request that the webhook guardrail flags passes unchanged with x-gateway-guardrails', async () => {
    const proxy = await guarded({ action: 'flag', reason: 'odd' }, { on: 'request' });
    const answer = await post(proxy, asking('Hm'));
    expect(answer.headers.get('x-gateway-guardrails')).toBe('judge');
    expect(arrived().messages[0].content).toBe('Hm');
    expect((await scenario.record()).guardrails).toMatchObject([{ action: 'flag', reason: 'odd', failure: null }]);
  });

  it('a webhook guardrail on responses alone does not delay the request', async () => {
    const proxy = await guarded({ action: 'block' }, { on: 'answer' });
    await post(proxy, asking('Hm'));
    expect(scenario.vendor.received).toHaveLength(1);
    expect(questions(proxy).map(({ type }) => type)).toEqual(['guardrail.answer']);
  });
});

const FAILURES: [string, string, (question: Json, response: ServerResponse) => void][] = [
  ['no response in time', 'timeout', () => undefined],
  ['status 500', 'bad_status', (_, response) => saying(response, { action: 'allow' }, 500)],
  [
    'a redirect',
    'bad_status',
    (_, response) => void response.writeHead(307, { location: receiver.urlOf('/elsewhere') }).end(),
  ],
  ['text that is not JSON', 'bad_answer', (_, response) => void response.end('all is well')],
  ['an empty response', 'bad_answer', (_, response) => void response.writeHead(204).end()],
  ['an unknown action', 'bad_answer', (_, response) => saying(response, { action: 'maybe' })],
  [
    'a pointer that was not in the request',
    'bad_answer',
    (_, response) => saying(response, { action: 'redact', texts: [{ pointer: '/nowhere', text: 'x' }] }),
  ],
  ['a redaction without texts', 'bad_answer', (_, response) => saying(response, { action: 'redact' })],
  ['a closed connection', 'unreachable', (_, response) => void response.destroy()],
];

describe.each(FAILURES)('a webhook guardrail that gets %s', (_, failure, answer) => {
  const more = { timeoutMs: TIMEOUT_MS };

  it('a failing webhook guardrail blocks the request when onFailure is block', async () => {
    const proxy = await guarded(answer, { ...more, on: 'request' });
    const refused = await post(proxy, asking('Hm'));
    expect(refused.status).toBe(403);
    expect((await refused.json()).error.code).toBe('guardrail_blocked');
    expect(scenario.vendor.received).toEqual([]);
    expect((await scenario.record()).guardrails).toMatchObject([{ guardrail: 'judge', action: 'block', failure }]);
    expect(receiver.at('/elsewhere')).toEqual([]);
  });

  it('a failing webhook guardrail blocks the response when onFailure is block', async () => {
    answers('Fine.');
    const proxy = await guarded(answer, { ...more, on: 'answer' });
    const refused = await post(proxy, asking('Hm'));
    expect(refused.status).toBe(403);
    expect(await refused.text()).not.toContain('Fine.');
    expect((await scenario.record()).guardrails).toMatchObject([{ action: 'block', on: 'answer', failure }]);
  });

  it('a failing webhook guardrail lets calls pass when onFailure is pass, and flags their records', async () => {
    answers('Fine.');
    const proxy = await guarded(answer, { ...more, onFailure: 'pass' });
    const passed = await post(proxy, asking('Hm'));
    expect([passed.status, await passed.json()]).toEqual([200, answering('Fine.')]);
    expect(arrived().messages[0].content).toBe('Hm');
    expect((await scenario.record()).guardrails).toMatchObject([
      { action: 'flag', on: 'request', failure },
      { action: 'flag', on: 'answer', failure },
    ]);
  });
});

it('a webhook guardrail is not called at a disallowed address', async () => {
  answers('Fine.');
  const proxy = await guarded({ action: 'allow' }, { on: 'request' });
  // as if it had been listed in UPSTREAM_ALLOWED_HOSTS when it was saved
  await sql(
    scenario.gateway,
    `UPDATE llm_proxy SET policy = jsonb_set(policy, '{guardrails,0,url}', '"https://10.0.0.1/judge"') WHERE id = $1`,
    [proxy.id],
  );
  await scenario.gateway.admin.patch(`${PROXIES}/${proxy.id}`, { name: `${proxy.name} moved` });
  expect((await post(proxy, asking('Hm'))).status).toBe(403);
  expect(scenario.vendor.received).toEqual([]);
  expect((await scenario.record()).guardrails).toMatchObject([{ failure: 'address_not_allowed' }]);
});

it('a webhook guardrail is not called when its secret cannot be decrypted', async () => {
  const proxy = await guarded({ action: 'allow' }, { on: 'request' });
  await sql(scenario.gateway, `UPDATE llm_proxy SET sealed_guardrail_secret = 's1.x.y' WHERE id = $1`, [proxy.id]);
  await scenario.gateway.admin.patch(`${PROXIES}/${proxy.id}`, { name: `${proxy.name} changed` });
  expect((await post(proxy, asking('Hm'))).status).toBe(403);
  expect(questions(proxy)).toEqual([]);
  expect((await scenario.record()).guardrails).toMatchObject([{ failure: 'secret_unusable' }]);
});

describe('a response that is not streamed', () => {
  it('a response that the webhook guardrail redacts has the matching content-length, and its usage is recorded', async () => {
    answers('It is called nightingale.');
    const proxy = await guarded(redacting('nightingale', '[bird]'), { on: 'answer' });
    const answer = await post(proxy, asking('?'));
    const text = await answer.text();
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(answer.headers.get('x-gateway-guardrails')).toBe('judge');
    expect(JSON.parse(text)).toEqual(answering('It is called [bird].'));
    const record = await scenario.record();
    expect(record).toMatchObject({ outcome: 'success', guardrails: [{ action: 'redact', on: 'answer', offset: 13 }] });
    expect(record.costUsd).toBeGreaterThan(0);
  });

  it("a response that the webhook guardrail blocks gets 403 guardrail_blocked without the provider's text", async () => {
    answers('It is called nightingale.');
    const proxy = await guarded(blocking('nightingale'), { on: 'answer' });
    const answer = await post(proxy, asking('?'));
    const text = await answer.text();
    expect([answer.status, JSON.parse(text).error.code]).toEqual([403, 'guardrail_blocked']);
    expect(text).not.toContain('nightingale');
    const record = await scenario.record();
    expect(record).toMatchObject({ status: 403, outcome: 'refused', errorCode: 'guardrail_blocked' });
    expect(record.outputTokens).toBeGreaterThan(0);
  });

  it('a call is recorded as client_aborted when its client leaves during the guardrail request', async () => {
    answers('Fine.');
    const asked: ServerResponse[] = [];
    const proxy = await guarded((_, response) => void asked.push(response), { on: 'answer' });
    const leaving = new AbortController();
    const { baseUrl } = scenario.target('', { provider: 'openai', proxyId: proxy.id });
    const coming = fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
      body: JSON.stringify(asking('?')),
      signal: leaving.signal,
    }).catch(() => null);
    const response = await eventually(() => asked[0], 'a question');
    leaving.abort();
    await coming;
    const record = await eventually(async () => {
      const newest = await scenario.record();
      return newest.proxyId === proxy.id ? newest : undefined;
    }, 'its record');
    expect(record.outcome).toBe('client_aborted');
    saying(response, { action: 'block' });
    expect((await scenario.records()).filter(({ proxyId }) => proxyId === proxy.id)).toHaveLength(1);
  });
});

const chatPiece = (content: string): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content } }] })}\n\n`;
const DONE = 'data: [DONE]\n\n';
const streaming = (type: string, ...events: readonly (string | Buffer)[]) =>
  torn(Buffer.concat(events.map((event) => Buffer.from(event as string))), { 'content-type': type });
const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const STREAM = { stream: true };
const LONG = 'The gate is open, and nobody has come through it today. '.repeat(40);
const words = (text: string): string[] => text.match(/\S+\s*/g)!;
const contentOf = (stream: string): string =>
  [...stream.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text!)).join('');

const PIECES = [...words(LONG), 'It is called ', 'night', 'ingale', ', they say. ', ...words(LONG)];
const WHOLE = PIECES.join('');
const STREAMS: [string, string, string | RegExp, object, ReturnType<typeof streaming>][] = [
  [
    'openai',
    'chat/completions',
    CHAT,
    asking('?', STREAM),
    streaming('text/event-stream', ...PIECES.map(chatPiece), DONE),
  ],
  [
    'openai',
    'responses',
    '/v1/responses',
    { model: 'gpt-5.4', input: '?', stream: true },
    streaming(
      'text/event-stream',
      ...PIECES.map((delta, i) =>
        event('response.output_text.delta', { output_index: 0, content_index: 0, delta, obfuscation: `x${i}` }),
      ),
      event('response.output_text.done', { output_index: 0, content_index: 0, text: WHOLE }),
      event('response.completed', { response: { output: [{ content: [{ text: WHOLE }] }] } }),
    ),
  ],
  [
    'anthropic',
    'v1/messages',
    '/v1/messages',
    { model: 'claude-sonnet-4-6', max_tokens: 99, stream: true, messages: [{ role: 'user', content: '?' }] },
    streaming(
      'text/event-stream',
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...PIECES.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
      event('content_block_stop', { index: 0 }),
      event('message_stop', {}),
    ),
  ],
  [
    'bedrock',
    'model/anthropic.claude-sonnet-4/converse-stream',
    /converse-stream/,
    { messages: [{ role: 'user', content: [{ text: '?' }] }] },
    streaming(
      'application/vnd.amazon.eventstream',
      ...PIECES.map((text) => encodeFrame('event', 'contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
      encodeFrame('event', 'messageStop', { stopReason: 'end_turn' }),
    ),
  ],
  [
    'model-router',
    'v1/messages',
    CHAT,
    { model: 'openai:gpt-5.4', max_tokens: 99, stream: true, messages: [{ role: 'user', content: '?' }] },
    streaming(
      'text/event-stream',
      ...PIECES.map(chatPiece),
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`,
      DONE,
    ),
  ],
];

describe('a stream under a webhook guardrail', () => {
  it.each(STREAMS)(
    'a webhook guardrail redacts a stream of %s %s across its chunks with several guardrail requests',
    async (provider, path, vendorPath, body, answer) => {
      scenario.vendor.on('POST', vendorPath, answer);
      const proxy = await guarded(redacting('nightingale', '[bird]'), { on: 'answer' });
      const came = await post(proxy, body, provider, path);
      const text = await came.text();
      expect(came.status).toBe(200);
      expect(text).toContain('[bird]');
      expect(text).not.toMatch(/night|ingale/);
      const asked = questions(proxy);
      expect(asked.length).toBeGreaterThan(3);
      expect(asked.length).toBeLessThan(30);
      const { guardrails, outcome } = await scenario.record();
      expect(outcome).toBe('success');
      expect(guardrails[0]).toMatchObject({
        action: 'redact',
        on: 'answer',
        offset: WHOLE.indexOf('nightingale'),
        length: 'nightingale'.length,
      });
    },
  );

  it('a stream that the webhook guardrail allows passes byte for byte', async () => {
    const sent = [...PIECES.map(chatPiece), DONE].join('');
    scenario.vendor.on('POST', CHAT, torn(Buffer.from(sent), { 'content-type': 'text/event-stream' }));
    const proxy = await guarded({ action: 'allow' }, { on: 'answer' });
    const came = await post(proxy, asking('?', { stream: true, stream_options: { include_usage: true } }));
    expect(await came.text()).toBe(sent);
    const asked = questions(proxy).flatMap(({ data }) => data.texts.filter(({ text }: Json) => text.length > 3));
    let heard = '';
    for (const { offset, text } of asked.filter(({ pointer }) => pointer === '/choices/0/delta/content'))
      heard = heard.slice(0, offset) + text;
    expect(heard).toBe(WHOLE);
  });

  it('a stream that the webhook guardrail blocks ends with an error event after the text that was allowed', async () => {
    scenario.vendor.on('POST', CHAT, streaming('text/event-stream', ...PIECES.map(chatPiece), DONE));
    const proxy = await guarded(blocking('nightingale'), { on: 'answer' });
    const { text, isWhole } = await readAll(await post(proxy, asking('?', STREAM)));
    expect(isWhole).toBe(true);
    const shown = contentOf(text);
    expect(shown.length).toBeGreaterThan(1_000);
    expect(LONG.startsWith(shown)).toBe(true);
    expect(text).toContain('"code":"guardrail_blocked"');
    expect(text).not.toContain('[DONE]');
    expect(await scenario.record()).toMatchObject({
      outcome: 'cut',
      errorCode: 'guardrail_blocked',
      guardrails: [{ guardrail: 'judge', action: 'block', reason: 'off_limits' }],
    });
  });

  it('a stream whose last text is blocked ends with an error event', async () => {
    scenario.vendor.on(
      'POST',
      CHAT,
      streaming('text/event-stream', ...words(LONG).map(chatPiece), chatPiece('end.'), DONE),
    );
    const proxy = await guarded(blocking('end.'), { on: 'answer' });
    const { text, isWhole } = await readAll(await post(proxy, asking('?', STREAM)));
    expect(isWhole).toBe(true);
    expect(text).not.toContain('end.');
    expect(text).toContain('"code":"guardrail_blocked"');
  });

  it('a stream shows allowed text before the provider sends more', async () => {
    const held = new ControlledResponses();
    scenario.vendor.on('POST', CHAT, held.respond);
    const proxy = await guarded({ action: 'allow' }, { on: 'answer' });
    const coming = post(proxy, asking('?', STREAM));
    const { response } = await held.next();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const reader = (await coming).body!.getReader();
    for (let sent = 0, shown = 0; sent < 5; sent++) {
      response.write(words('The gate is open. '.repeat(30)).map(chatPiece).join(''));
      const { value } = await reader.read();
      const length = contentOf(Buffer.from(value!).toString()).length;
      shown += length;
      expect(length).toBeGreaterThan(0);
      expect(shown).toBeLessThan((sent + 1) * 540);
    }
    response.end(DONE);
    let rest = '';
    for (let read = await reader.read(); !read.done; read = await reader.read())
      rest += Buffer.from(read.value).toString();
    expect(rest.endsWith(DONE)).toBe(true);
  });

  it.each([
    ['block', false],
    ['pass', true],
  ])('a stream whose webhook guardrail fails follows onFailure: %s', async (onFailure, isShown) => {
    scenario.vendor.on('POST', CHAT, streaming('text/event-stream', ...words(LONG).map(chatPiece), DONE));
    const proxy = await guarded((_, response) => saying(response, {}, 500), { on: 'answer', onFailure });
    const { text, isWhole } = await readAll(await post(proxy, asking('?', STREAM)));
    expect(isWhole).toBe(true);
    expect(text.includes('"code":"guardrail_blocked"')).toBe(!isShown);
    expect(contentOf(text)).toBe(isShown ? LONG : '');
    const { guardrails } = await scenario.record();
    expect(guardrails[0]).toMatchObject({ action: isShown ? 'flag' : 'block', failure: 'bad_status' });
  });

  it('a stream in an unknown format is refused with 403', async () => {
    scenario.vendor.on('POST', CHAT, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end('{"a":"b"}\n');
    });
    const proxy = await guarded({ action: 'allow' }, { on: 'answer' });
    expect((await post(proxy, asking('?', STREAM))).status).toBe(403);
    expect(questions(proxy)).toEqual([]);
  });
});

describe('strict audit and captured content under a webhook guardrail', () => {
  const proxy = { strictAudit: true, captureContent: 'full' };

  it('captured content of a stream holds the redacted text, also under strict audit', async () => {
    scenario.vendor.on('POST', CHAT, streaming('text/event-stream', ...PIECES.map(chatPiece), DONE));
    const judged = await guarded(redacting('nightingale', '[bird]'), {}, { proxy });
    const text = await (await post(judged, asking('nightingale?', STREAM))).text();
    expect(text.endsWith(DONE)).toBe(true);
    expect(contentOf(text)).toBe(WHOLE.replace('nightingale', '[bird]'));
    const { id } = await scenario.record();
    await scenario.gateway.app.nest.get(ContentWriter).flush();
    const { body } = await scenario.gateway.admin.get(`/api/interactions/${id}/content`);
    expect(JSON.stringify(body)).toContain('[bird]');
    expect(JSON.stringify(body)).not.toContain('nightingale');
  });

  it('captured content of a response that is not streamed holds the redacted text', async () => {
    answers('It is called nightingale.');
    const judged = await guarded(redacting('nightingale', '[bird]'), {}, { proxy });
    expect(await (await post(judged, asking('?'))).json()).toEqual(answering('It is called [bird].'));
    const { id } = await scenario.record();
    await scenario.gateway.app.nest.get(ContentWriter).flush();
    const { body } = await scenario.gateway.admin.get(`/api/interactions/${id}/content`);
    expect(JSON.stringify(body)).toContain('[bird]');
  });
});

async function readAll(answer: Response): Promise<{ text: string; isWhole: boolean }> {
  let text = '';
  try {
    for await (const chunk of answer.body!) text += Buffer.from(chunk as Uint8Array).toString();
    return { text, isWhole: true };
  } catch {
    return { text, isWhole: false };
  }
}
