/** Promise: what an organisation's own service refuses leaves the house, or comes in, in no form; and without its word only what the admin lets pass. */
import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { json, type Answer } from '../../src/demo/fake-provider.js';
import type { Json } from '../support/admin-client.js';
import { replay, torn, wire, wireJson } from '../support/replay.js';
import { Scenario } from '../support/scenario.js';
import { eventually } from '../support/wire-client.js';

const CHAT = '/v1/chat/completions';
const JUDGE = '/judge';
const PROXIES = '/api/llm-proxies';
const DUE = 'Nothing of note happened on that day, as far as anybody could tell afterwards. '.repeat(8);

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic');
});
beforeEach(() => {
  scenario.forget();
  scenario.vendor.on('POST', CHAT, answering('Fine.'));
});
afterAll(() => scenario.close());

type Verdict = (texts: { pointer: string; offset: number; text: string }[], question: Json) => object;

/** What the service says to each question. */
const judging = (verdict: Verdict): unknown =>
  scenario.vendor.on('POST', JUDGE, (request, response) => {
    const question = JSON.parse(request.body.toString());
    const answer = JSON.stringify(verdict(question.data.texts, question));
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
const questions = () => scenario.vendor.seen.filter(({ url }) => url === JUDGE);
const asked = (): Json[] => questions().map(({ body }) => JSON.parse(body.toString()));
const calls = () => scenario.vendor.seen.filter(({ url }) => url !== JUDGE);

let names = 0;
async function guarded(over: object = {}, more: object = {}): Promise<Json> {
  const rule = { name: 'house-rules', detector: 'webhook', on: 'both', url: scenario.vendor.url + JUDGE, ...over };
  const body = { name: `Judged ${++names}`, policy: { guardrails: [rule] }, ...more };
  return scenario.gateway.admin.create(PROXIES, body);
}
function answering(content: string): Answer {
  const answer = wireJson('openai', 'chat.json');
  answer.choices[0].message.content = content;
  return json(200, answer);
}
const post = (
  proxy: Json,
  body: object,
  route = 'openai',
  path = 'chat/completions',
  signal?: AbortSignal,
): Promise<Response> =>
  fetch(`${scenario.gateway.url}/v1/${route}/${proxy.id}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
const asking = (content: string, more: object = {}): object => ({
  model: 'gpt-5.4',
  messages: [{ role: 'user', content }],
  ...more,
});
const piece = (content: string): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content } }] })}\n\n`;
const streaming = (...contents: string[]): Answer =>
  torn(Buffer.from([...contents.map(piece), 'data: [DONE]\n\n'].join('')));
const contentOf = (stream: string): string =>
  [...stream.matchAll(/^data: (\{.*)$/gm)]
    .map(([, data]) => JSON.parse(data!).choices?.[0]?.delta?.content ?? '')
    .join('');
const readAll = async (response: Response): Promise<string> => {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body!) text += decoder.decode(bytes, { stream: true });
  } catch {
    text += '<broken off>';
  }
  return text;
};
const allow: Verdict = () => ({ action: 'allow' });
const without =
  (word: string): Verdict =>
  (texts) => {
    const changed = texts.filter(({ text }) => text.includes(word));
    if (changed.length === 0) return { action: 'allow' };
    const shown = changed.map(({ pointer, text }) => ({ pointer, text: text.replaceAll(word, '[it]') }));
    return { action: 'redact', texts: shown, reason: 'codename' };
  };
const refusing =
  (word: string): Verdict =>
  (texts) =>
    texts.some(({ text }) => text.includes(word)) ? { action: 'block', reason: 'codename' } : { action: 'allow' };

describe('its secret', () => {
  it('is shown when it is set and when it is renewed, and in no other answer, list or audit entry', async () => {
    const { guardrailSecret, ...proxy } = await guarded();
    expect(guardrailSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const path = `${PROXIES}/${proxy.id}`;
    const { admin } = scenario.gateway;
    const renamed = await admin.patch(path, { name: `Renamed ${names}` });
    const rotated = await admin.post(`${path}/rotate-guardrail-secret`, {});
    expect(rotated.status).toBe(200);
    expect(rotated.headers.get('cache-control')).toBe('no-store');
    expect(rotated.body.guardrailSecret).toMatch(/^whsec_/);
    expect(rotated.body.guardrailSecret).not.toBe(guardrailSecret);
    const shown = [renamed, await admin.get(path), await admin.get(`${PROXIES}?limit=100`)];
    const audit = (await admin.get('/api/audit-log?limit=100')).body;
    expect(audit.data.some(({ action }: Json) => action === 'llm_proxy.rotate_guardrail_secret')).toBe(true);
    for (const text of [...shown.map(({ body }) => body), audit].map((body) => JSON.stringify(body)))
      expect(text).not.toMatch(/whsec_|guardrailSecret|sealed/i);
  });

  it('goes with its guardrail, and comes anew with the next', async () => {
    const { id, guardrailSecret } = await guarded();
    const path = `${PROXIES}/${id}`;
    const { admin } = scenario.gateway;
    const { guardrails } = (await admin.get(path)).body.policy;
    expect((await admin.patch(path, { policy: { guardrails: [] } })).body.guardrailSecret).toBeUndefined();
    expect((await admin.post(`${path}/rotate-guardrail-secret`, {})).status).toBe(409);
    const again = await admin.patch(path, { policy: { guardrails } });
    expect(again.status).toBe(200);
    expect(again.body.guardrailSecret).toMatch(/^whsec_/);
    expect(again.body.guardrailSecret).not.toBe(guardrailSecret);
  });
});

it.each([
  ['no address', { url: undefined }, '/url'],
  ['an address that is none', { url: 'judge' }, '/url'],
  ['a private address', { url: 'https://10.1.2.3/judge' }, '/url'],
  ['plain http', { url: 'http://8.8.8.8/judge' }, '/url'],
  ['an action of its own', { action: 'block' }, '/action'],
  ['a pattern', { pattern: 'x' }, '/pattern'],
  ['no time at all', { timeoutMs: 1 }, '/timeoutMs'],
  ['all the time in the world', { timeoutMs: 3_600_000 }, '/timeoutMs'],
  ['another word for a failure', { onFailure: 'ignore' }, '/onFailure'],
])('%s is refused', async (_, over, field) => {
  const rule = { name: 'x', detector: 'webhook', on: 'request', url: 'https://judge.example.com/', ...over };
  const answer = await scenario.gateway.admin.post(PROXIES, { name: 'bad', policy: { guardrails: [rule] } });
  expect(answer.status).toBe(400);
  expect(answer.body.errors.map(({ pointer }: Json) => pointer)).toEqual([`/policy/guardrails/0${field}`]);
});

it('one LLM proxy has one, and what is its alone is refused for others', async () => {
  const { admin } = scenario.gateway;
  const rule = { name: 'x', detector: 'webhook', on: 'request', url: 'https://judge.example.com/' };
  const two = await admin.post(PROXIES, { name: 'bad', policy: { guardrails: [rule, { ...rule, name: 'y' }] } });
  expect([two.status, two.body.errors[0].pointer]).toEqual([400, '/policy/guardrails']);
  const mail = { name: 'x', detector: 'email', on: 'request', action: 'flag', onFailure: 'pass' };
  const other = await admin.post(PROXIES, { name: 'bad', policy: { guardrails: [mail] } });
  expect([other.status, other.body.errors[0].pointer]).toEqual([400, '/policy/guardrails/0/onFailure']);
});

it('a question is signed as Standard Webhooks has it, and tells the texts and who asks, and no credential', async () => {
  const proxy = await guarded({ on: 'request' });
  judging(allow);
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'Who is it?' }] },
  ];
  expect((await post(proxy, { model: 'gpt-5.4', messages })).status).toBe(200);
  const [{ rawHeaders, body }] = questions() as [ReturnType<typeof questions>[number]];
  const header = (name: string): string =>
    rawHeaders[rawHeaders.findIndex((one, i) => i % 2 === 0 && one.toLowerCase() === name) + 1]!;
  const key = Buffer.from(proxy.guardrailSecret.slice('whsec_'.length), 'base64');
  const signed = `${header('webhook-id')}.${header('webhook-timestamp')}.${body.toString()}`;
  expect(header('webhook-signature')).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const record = await scenario.record();
  expect(asked()).toEqual([
    {
      type: 'guardrail.request',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {
        guardrail: 'house-rules',
        interactionId: record.id,
        organizationId: expect.any(String),
        proxyId: proxy.id,
        provider: 'openai',
        model: 'gpt-5.4',
        who: { virtualKeyId: scenario.ids.virtualKey, oauthClientId: null, userId: record.userId },
        texts: [
          { pointer: '/messages/0/content', offset: 0, text: 'Be brief.' },
          { pointer: '/messages/1/content/0/text', offset: 0, text: 'Who is it?' },
        ],
      },
    },
  ]);
  const told = [...rawHeaders, body.toString()].join('\n');
  for (const secret of [scenario.keys.virtual, scenario.keys.stored, proxy.guardrailSecret])
    expect(told).not.toContain(secret);
});

describe('a request', () => {
  it('that is allowed goes on byte for byte', async () => {
    judging(allow);
    const proxy = await guarded({ on: 'request' });
    const body = asking('Who is it?');
    expect((await post(proxy, body)).status).toBe(200);
    expect(calls()[0]!.body.toString()).toBe(JSON.stringify(body));
    expect((await scenario.record()).guardrails).toBeNull();
  });

  it('goes on with other texts in the places that were named', async () => {
    judging(without('Nightingale'));
    const answer = await post(await guarded({ on: 'request' }), asking('Is it Nightingale?'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-gateway-guardrails')).toBe('house-rules');
    expect(JSON.parse(calls()[0]!.body.toString()).messages[0].content).toBe('Is it [it]?');
    const record = await scenario.record();
    expect(record.guardrails).toEqual([
      {
        ...{ guardrail: 'house-rules', action: 'redact', on: 'request', pointer: '/messages/0/content' },
        ...{ offset: 6, length: 11, reason: 'codename', failure: null },
      },
    ]);
    expect(JSON.stringify(record)).not.toContain('Nightingale');
  });

  it('that is blocked goes nowhere, and the refusal tells the slug alone', async () => {
    judging(() => ({ action: 'block', reason: 'It is about Nightingale!' }));
    const refused = await post(await guarded(), asking('Is it Nightingale?'));
    expect(refused.status).toBe(403);
    const { error } = await refused.json();
    expect(error.code).toBe('guardrail_blocked');
    expect(error.message).not.toContain('Nightingale');
    expect(calls()).toHaveLength(0);
    expect((await scenario.record()).guardrails).toMatchObject([{ action: 'block', on: 'request', reason: null }]);
  });

  it('is judged on the Model Router before anybody else reads it, in the words of the client', async () => {
    judging(refusing('Nightingale'));
    const proxy = await guarded({ on: 'request' });
    const body = { ...asking('Is it Nightingale?'), model: 'anthropic:claude-sonnet-4-5' };
    expect((await post(proxy, body, 'model-router')).status).toBe(403);
    expect(asked()[0]!.data).toMatchObject({ provider: null, model: 'anthropic:claude-sonnet-4-5' });
    expect(calls()).toHaveLength(0);
  });
});

describe('without a usable word', () => {
  const hang: Answer = () => undefined;
  const FAILURES: readonly [string, string, Answer][] = [
    ['none in time', 'timeout', hang],
    ['an error', 'bad_status', json(500, { action: 'allow' })],
    ['a redirect', 'bad_status', (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
    ['no JSON', 'bad_answer', (_, response) => void response.writeHead(200).end('allow')],
    ['no action', 'bad_answer', json(200, {})],
    ['an action that is none', 'bad_answer', json(200, { action: 'ALLOW' })],
    [
      'a place that was not asked about',
      'bad_answer',
      json(200, { action: 'redact', texts: [{ pointer: '/x', text: '' }] }),
    ],
    ['a broken connection', 'unreachable', (_, response) => void response.destroy()],
  ];

  it.each(FAILURES)('(%s) nothing goes on', async (_, failure, answer) => {
    scenario.vendor.on('POST', JUDGE, answer);
    const proxy = await guarded({ on: 'request', timeoutMs: 300 });
    const refused = await post(proxy, asking('Who is it?'));
    expect([refused.status, (await refused.json()).error.code]).toEqual([403, 'guardrail_blocked']);
    expect(calls()).toHaveLength(0);
    expect((await scenario.record()).guardrails).toMatchObject([{ action: 'block', failure }]);
  });

  it.each(FAILURES)(
    '(%s) the call goes on where the admin says so, and its record tells',
    async (_, failure, answer) => {
      scenario.vendor.on('POST', JUDGE, answer);
      const proxy = await guarded({ on: 'request', timeoutMs: 300, onFailure: 'pass' });
      expect((await post(proxy, asking('Who is it?'))).status).toBe(200);
      expect(calls()).toHaveLength(1);
      expect((await scenario.record()).guardrails).toMatchObject([{ action: 'flag', failure }]);
    },
  );
});

describe('a whole answer', () => {
  it('is shown with other texts in the places that were named', async () => {
    scenario.vendor.on('POST', CHAT, answering('It is called Nightingale.'));
    judging(without('Nightingale'));
    const answer = await post(await guarded({ on: 'answer' }), asking('What is it called?'));
    expect((await answer.json()).choices[0].message.content).toBe('It is called [it].');
    expect((await scenario.record()).guardrails).toMatchObject([
      { action: 'redact', on: 'answer', pointer: '/choices/0/message/content', offset: 13, length: 11 },
    ]);
  });

  it.each([
    ['that is blocked', refusing('Nightingale'), 'block'],
    ['that is not judged', (() => ({ action: 'perhaps' })) as Verdict, 'block'],
  ])('%s is not shown', async (_, verdict, onFailure) => {
    scenario.vendor.on('POST', CHAT, answering('It is called Nightingale.'));
    judging(verdict);
    const answer = await post(await guarded({ on: 'answer', onFailure }), asking('What is it called?'));
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain('Nightingale');
    expect((await scenario.record()).inputTokens).toBeGreaterThan(0);
  });

  it('waits for the word, its record and both: with strict audit, and content is kept of what was shown alone', async () => {
    scenario.vendor.on('POST', CHAT, answering('It is called Nightingale.'));
    judging(without('Nightingale'));
    const proxy = await guarded({ on: 'answer' }, { strictAudit: true, captureContent: 'full' });
    expect(await (await post(proxy, asking('What is it called?'))).text()).toContain('It is called [it].');
    const { id } = await scenario.record();
    const content = await eventually(async () => {
      const told = await scenario.gateway.admin.get(`/api/interactions/${id}/content`);
      return told.status === 200 && told.body;
    }, 'the content');
    expect(content.answer.text).toContain('[it]');
    expect(JSON.stringify(content)).not.toContain('Nightingale');
  });
});

describe('a stream', () => {
  const stream = asking('Go on', { stream: true });

  it('that is allowed is shown whole, as it came', async () => {
    scenario.vendor.on('POST', CHAT, replay('openai', 'chat-stream.sse'));
    judging(allow);
    const withUsage = { ...stream, stream_options: { include_usage: true } };
    const shown = await readAll(await post(await guarded({ on: 'answer' }), withUsage));
    expect(shown).toBe(wire('openai', 'chat-stream.sse').toString());
  });

  it('is shown with other words, also where a word is spread over pieces', async () => {
    scenario.vendor.on('POST', CHAT, streaming(DUE, 'It is Night', 'in', 'gale, they say. ', DUE));
    judging(without('Nightingale'));
    const shown = await readAll(await post(await guarded({ on: 'answer' }), stream));
    expect(contentOf(shown)).toBe(`${DUE}It is [it], they say. ${DUE}`);
    expect(shown).toContain('[DONE]');
    expect(questions().length).toBeGreaterThan(1);
  });

  it('shows nothing of what is blocked, and breaks off', async () => {
    scenario.vendor.on('POST', CHAT, streaming(DUE, DUE, 'It is Night', 'ingale, they say. ', DUE));
    judging(refusing('Nightingale'));
    const shown = await readAll(await post(await guarded({ on: 'answer' }), stream));
    expect(shown).not.toMatch(/Night|\[DONE\]/);
    expect(shown).toContain('guardrail_blocked');
    expect((await scenario.record()).guardrails).toMatchObject([{ action: 'block', on: 'answer', reason: 'codename' }]);
  });

  it('is no late chunk: what was allowed is shown while the rest is still made', async () => {
    let finish: (response: ServerResponse) => void = () => undefined;
    const open = new Promise<ServerResponse>((resolve) => (finish = resolve));
    scenario.vendor.on('POST', CHAT, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let i = 0; i < 3; i++) response.write(piece(DUE));
      finish(response);
    });
    judging(allow);
    const reader = (await post(await guarded({ on: 'answer' }), stream)).body!.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    expect(contentOf(first).length).toBeGreaterThan(100);
    (await open).end('data: [DONE]\n\n');
    let last = '';
    for (let next = await reader.read(); !next.done; next = await reader.read())
      last += new TextDecoder().decode(next.value);
    expect(contentOf(first + last)).toBe(DUE.repeat(3));
  });

  it('goes on where there is no word and the admin lets it, and not where not', async () => {
    scenario.vendor.on('POST', CHAT, streaming(DUE, 'The end.'));
    scenario.vendor.on('POST', JUDGE, json(500, {}));
    const passed = await readAll(await post(await guarded({ on: 'answer', onFailure: 'pass' }), stream));
    expect(contentOf(passed)).toBe(`${DUE}The end.`);
    const refused = await readAll(await post(await guarded({ on: 'answer' }), stream));
    expect(contentOf(refused)).toBe('');
  });

  it('is judged on the Model Router in the words of the client', async () => {
    scenario.vendor.on('POST', '/v1/messages', replay('anthropic', 'chat-stream.sse'));
    judging(without('Gott'));
    const body = { ...stream, model: 'anthropic:claude-sonnet-4-5' };
    const shown = await readAll(await post(await guarded({ on: 'answer' }), body, 'model-router'));
    expect(contentOf(shown)).toMatch(/^Grüß \[it\]!/);
    expect(shown).toContain('[DONE]');
  });

  it('ends when the client leaves while somebody is asked', async () => {
    scenario.vendor.on('POST', CHAT, streaming(DUE, DUE, DUE));
    scenario.vendor.on('POST', JUDGE, () => undefined);
    const leaving = new AbortController();
    const call = post(await guarded({ on: 'answer' }), stream, 'openai', 'chat/completions', leaving.signal);
    const read = call.then(readAll).catch(() => 'gone');
    await eventually(() => questions().length > 0, 'a question');
    leaving.abort();
    await read;
    await eventually(async () => (await scenario.record()).outcome === 'client_aborted', 'the record of the call');
  });
});
