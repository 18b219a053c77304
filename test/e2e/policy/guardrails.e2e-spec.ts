/**
 * Promise: text that an LLM proxy's guardrails detect leaves or enters the gateway only as its admin allows; and no
 * record contains it.
 */
import type { ServerResponse } from 'node:http';
import { json } from '../../support/providers/fake-provider.js';
import { encodeFrame } from '../../../src/providers/wire/event-stream.js';
import type { Json } from '../../support/http/admin-client.js';
import { ControlledResponses } from '../../support/providers/controlled-responses.js';
import { torn, wire, wireJson } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';

const CARD = '4111 1111 1111 1111';
const MAIL = 'anna@example.com';
const CHAT = '/v1/chat/completions';

const GUARDRAILS = [
  { name: 'cards', detector: 'credit_card', on: 'both', action: 'redact' },
  { name: 'keys', detector: 'private_key', on: 'both', action: 'block' },
  { name: 'people', detector: 'email', on: 'both', action: 'flag' },
  { name: 'projects', detector: 'pattern', pattern: 'PRJ-\\d{4}', on: 'request', action: 'block' },
  { name: 'codename', detector: 'pattern', pattern: '(?i)\\bnightingale\\b', on: 'answer', action: 'block' },
];

let scenario: Scenario;
let proxyId: string;

beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic', 'gemini', 'cohere', 'bedrock');
  const proxy = await scenario.gateway.admin.create('/api/llm-proxies', {
    name: 'Guarded',
    policy: { guardrails: GUARDRAILS },
  });
  proxyId = proxy.id;
});
beforeEach(() => scenario.forget());
afterAll(async () => {
  await scenario.close();
});

function post(provider: string, path: string, body: unknown, proxy = proxyId): Promise<Response> {
  return fetch(`${scenario.target(scenario.keys.virtual, { provider, proxyId: proxy }).baseUrl}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${scenario.keys.virtual}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
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
const chatPiece = (content: string): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content } }] })}\n\n`;
const arrived = (): Json => JSON.parse(scenario.vendor.received.at(-1)!.body.toString());

describe('a request under guardrails', () => {
  beforeEach(() => void scenario.vendor.on('POST', CHAT, json(200, answering('Fine.'))));

  it('redacted text leaves the request and the rest passes byte for byte', async () => {
    const body = `{ "model" : "gpt-5.4", "seed": 1.0, "messages":[{"role":"user","content":"Gr\\u00fc\\u00dfe: ${CARD}\\n😀"}, {"role": "user", "content": "\\u0041"}]}`;
    const answer = await post('openai', 'chat/completions', body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-gateway-guardrails')).toBe('cards');
    expect(scenario.vendor.received[0]!.body.toString()).toBe(
      body.replace('Gr\\u00fc\\u00dfe', 'Grüße').replace(CARD, '[credit card]'),
    );
    const record = await scenario.record();
    expect(record.guardrails).toEqual([
      {
        guardrail: 'cards',
        action: 'redact',
        on: 'request',
        pointer: '/messages/0/content',
        offset: 7,
        length: CARD.length,
        reason: null,
        failure: null,
      },
    ]);
    expect(JSON.stringify(record)).not.toContain('4111');
  });

  it('a request without findings passes byte for byte and has no x-gateway-guardrails', async () => {
    const body = `{ "model": "gpt-5.4", "messages": [{"role":"user","content":"\\u0041 1234-5678"}] }`;
    const answer = await post('openai', 'chat/completions', body);
    expect(answer.headers.get('x-gateway-guardrails')).toBeNull();
    expect(scenario.vendor.received[0]!.body.toString()).toBe(body);
    expect((await scenario.record()).guardrails).toBeNull();
  });

  it('a flagged request passes unchanged', async () => {
    const answer = await post('openai', 'chat/completions', asking(`Write to ${MAIL}`));
    expect(answer.headers.get('x-gateway-guardrails')).toBe('people');
    expect(arrived().messages[0].content).toBe(`Write to ${MAIL}`);
    expect((await scenario.record()).guardrails).toMatchObject([
      { guardrail: 'people', action: 'flag', offset: 9, length: MAIL.length },
    ]);
  });

  it.each<[string, string, object, string, (body: Json) => Json]>([
    ['openai', 'chat/completions', asking('All of PRJ-1234'), '/messages/0/content', (body: Json) => body.error],
    ['openai', 'responses', { model: 'gpt-5.4', input: 'All of PRJ-1234' }, '/input', (body: Json) => body.error],
    [
      'openai',
      'embeddings',
      { model: 'text-embedding-3-small', input: ['fine', 'PRJ-1234'] },
      '/input/1',
      (body: Json) => body.error,
    ],
    [
      'anthropic',
      'v1/messages',
      { model: 'claude-sonnet-4-6', max_tokens: 9, system: [{ type: 'text', text: 'PRJ-1234' }], messages: [] },
      '/system/0/text',
      (body: Json) => body.error,
    ],
    [
      'gemini',
      'v1beta/models/gemini-2.5-flash:generateContent',
      { contents: [{ parts: [{ text: 'PRJ-1234' }] }] },
      '/contents/0/parts/0/text',
      (body: Json) => body.error,
    ],
    [
      'cohere',
      'v2/chat',
      { model: 'command-a-03-2025', messages: [{ role: 'user', content: 'PRJ-1234' }] },
      '/messages/0/content',
      (body: Json) => body,
    ],
    [
      'bedrock',
      'model/anthropic.claude-sonnet-4/converse',
      { messages: [{ role: 'user', content: [{ text: 'PRJ-1234' }] }] },
      '/messages/0/content/0/text',
      (body: Json) => body,
    ],
    [
      'model-router',
      'chat/completions',
      { ...asking('PRJ-1234'), model: 'anthropic:claude-sonnet-4-6' },
      '/messages/0/content',
      (body: Json) => body.error,
    ],
    [
      'model-router',
      'v1/messages',
      { model: 'openai:gpt-5.4', max_tokens: 9, messages: [{ role: 'user', content: 'PRJ-1234' }] },
      '/messages/0/content',
      (body: Json) => body.error,
    ],
  ])(
    'a blocked request to %s %s gets 403 with the guardrail and the pointer, without the text',
    async (provider, path, body, pointer, errorOf) => {
      const answer = await post(provider, path, body);
      const told = await answer.json();
      expect(answer.status).toBe(403);
      expect(errorOf(told).message).toContain(`"projects"`);
      expect(errorOf(told).message).toContain(pointer);
      expect(JSON.stringify(told)).not.toContain('PRJ-1234');
      expect(scenario.vendor.received).toEqual([]);
      const record = await scenario.record();
      expect(record).toMatchObject({ status: 403, outcome: 'refused', errorCode: 'guardrail_blocked' });
      expect(record.guardrails).toMatchObject([{ guardrail: 'projects', action: 'block', on: 'request', pointer }]);
      expect(JSON.stringify(record)).not.toContain('PRJ-1234');
    },
  );

  it('guardrails check a request before the Model Router translates it', async () => {
    scenario.vendor.on('POST', '/v1/messages', json(200, wireJson('anthropic', 'chat.json')));
    const answer = await post('model-router', 'chat/completions', {
      ...asking(`Take ${CARD}`),
      model: 'anthropic:claude-sonnet-4-6',
    });
    expect(answer.status).toBe(200);
    expect(scenario.vendor.received[0]!.body.toString()).toContain('Take [credit card]');
  });

  it('redaction keeps the arguments of tool calls valid JSON', async () => {
    const call = {
      id: 't',
      type: 'function',
      function: { name: 'pay', arguments: JSON.stringify({ card: 4111111111111111, note: `\n${CARD}` }) },
    };
    await post('openai', 'chat/completions', {
      model: 'gpt-5.4',
      messages: [{ role: 'assistant', tool_calls: [call] }],
    });
    expect(JSON.parse(arrived().messages[0].tool_calls[0].function.arguments)).toEqual({
      card: '[credit card]',
      note: '\n[credit card]',
    });
  });

  it('an LLM proxy without guardrails passes every text', async () => {
    const answer = await post('openai', 'chat/completions', asking(`PRJ-1234 and ${CARD}`), '');
    expect(answer.status).toBe(200);
    expect(arrived().messages[0].content).toBe(`PRJ-1234 and ${CARD}`);
    expect((await scenario.record()).guardrails).toBeNull();
  });
});

describe('a response that is not streamed', () => {
  it('a redacted response has the matching content-length, and its usage is recorded', async () => {
    scenario.vendor.on('POST', CHAT, json(200, answering(`It is ${CARD}. Ask ${MAIL}.`)));
    const answer = await post('openai', 'chat/completions', asking('Which card?'));
    expect(answer.headers.get('x-gateway-guardrails')).toBe('cards, people');
    const text = await answer.text();
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(JSON.parse(text)).toEqual(answering(`It is [credit card]. Ask ${MAIL}.`));
    const record = await scenario.record();
    expect(record).toMatchObject({
      status: 200,
      outcome: 'success',
      guardrails: [{ on: 'answer', pointer: '/choices/0/message/content' }, {}],
    });
    expect(record.costUsd).toBeGreaterThan(0);
  });

  it.each([
    ['openai', 'chat/completions'],
    ['model-router', 'chat/completions'],
  ])('a blocked response from %s %s gets 403 guardrail_blocked without the text', async (provider, path) => {
    scenario.vendor.on('POST', CHAT, json(200, answering('It is called Nightingale.')));
    const answer = await post(provider, path, {
      ...asking('What is it called?'),
      model: provider === 'openai' ? 'gpt-5.4' : 'openai:gpt-5.4',
    });
    const text = await answer.text();
    expect(answer.status).toBe(403);
    expect(JSON.parse(text).error.code).toBe('guardrail_blocked');
    expect(text).not.toContain('Nightingale');
    const record = await scenario.record();
    expect(record).toMatchObject({
      status: 403,
      outcome: 'refused',
      errorCode: 'guardrail_blocked',
      guardrails: [{ guardrail: 'codename', on: 'answer' }],
    });
    expect(record.outputTokens).toBeGreaterThan(0);
  });

  it('guardrails check a response of 1.7 MB', async () => {
    scenario.vendor.on('POST', CHAT, json(200, answering(`${'The gate is open. '.repeat(100_000)}${CARD}`)));
    const text = await (await post('openai', 'chat/completions', asking('Much, please'))).text();
    expect(text.length).toBeGreaterThan(1_700_000);
    expect(text).toContain('[credit card]');
    expect(text).not.toContain(CARD);
  });
});

/** Streams the chunks in the vendor's format; split at any byte. */
const streaming = (type: string, ...events: readonly (string | Buffer)[]) =>
  torn(Buffer.concat(events.map((event) => Buffer.from(event as string))), { 'content-type': type });
const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

const PIECES = ['Your card is 41', '11 1111 ', '1111 11', '11, as you ', 'know.'];
const STREAMS: [string, string, string | RegExp, object, ReturnType<typeof streaming>][] = [
  [
    'openai',
    'chat/completions',
    CHAT,
    asking('?', { stream: true }),
    streaming('text/event-stream', ...PIECES.map(chatPiece), 'data: [DONE]\n\n'),
  ],
  [
    'openai',
    'responses',
    '/v1/responses',
    { model: 'gpt-5.4', input: '?', stream: true },
    streaming(
      'text/event-stream',
      ...PIECES.map((delta) => event('response.output_text.delta', { output_index: 0, content_index: 0, delta })),
      event('response.output_text.done', { output_index: 0, content_index: 0, text: PIECES.join('') }),
      event('response.completed', { response: { output: [{ content: [{ text: PIECES.join('') }] }] } }),
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
    'gemini',
    'v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    /streamGenerateContent/,
    { contents: [{ parts: [{ text: '?' }] }] },
    streaming(
      'text/event-stream',
      ...PIECES.map((text) => `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] } }] })}\r\n\r\n`),
    ),
  ],
  [
    'cohere',
    'v2/chat',
    '/v2/chat',
    { model: 'command-a-03-2025', stream: true, messages: [{ role: 'user', content: '?' }] },
    streaming(
      'text/event-stream',
      ...PIECES.map((text) => event('content-delta', { index: 0, delta: { message: { content: { text } } } })),
      event('message-end', {}),
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
      'data: [DONE]\n\n',
    ),
  ],
];

describe('a stream under guardrails', () => {
  it.each(STREAMS)(
    'a stream of %s %s lacks a card number that spans several chunks',
    async (provider, path, vendorPath, body, answer) => {
      scenario.vendor.on('POST', vendorPath, answer);
      const came = await post(provider, path, body);
      const text = await came.text();
      expect(came.status).toBe(200);
      expect(text).toContain('[credit card]');
      expect(text).not.toContain('1111');
      const { guardrails, outcome } = await scenario.record();
      expect([outcome, guardrails]).toEqual([
        'success',
        [expect.objectContaining({ guardrail: 'cards', on: 'answer', offset: 13, length: CARD.length })],
      ]);
    },
  );

  it('a stream without findings passes byte for byte', async () => {
    scenario.vendor.on('POST', CHAT, torn(wire('openai', 'chat-stream.sse')));
    const came = await post(
      'openai',
      'chat/completions',
      asking('?', { stream: true, stream_options: { include_usage: true } }),
    );
    expect(Buffer.from(await came.arrayBuffer()).equals(wire('openai', 'chat-stream.sse'))).toBe(true);
  });

  it('a blocked stream ends with an error event before the text that matched', async () => {
    const held = new ControlledResponses();
    scenario.vendor.on('POST', CHAT, held.respond);
    const coming = post('openai', 'chat/completions', asking('?', { stream: true }));
    const { response, ...vendor } = await held.next();
    begin(response).write(
      [chatPiece('It is '), chatPiece('called Night'), chatPiece('ingale, '), chatPiece('you know')].join(''),
    );
    const { text, isWhole } = await readAll(await coming);
    expect(isWhole).toBe(true);
    expect(text).toContain('It is ');
    expect(text).not.toMatch(/ingale/);
    expect(text).toContain('"code":"guardrail_blocked"');
    expect(text).not.toContain('[DONE]');
    expect(await scenario.record()).toMatchObject({
      outcome: 'cut',
      errorCode: 'guardrail_blocked',
      guardrails: [{ guardrail: 'codename' }],
    });
    expect(vendor.request.url).toBe(CHAT);
  });

  it('a stream shows each chunk before the next arrives, except a word that may continue', async () => {
    const held = new ControlledResponses();
    scenario.vendor.on('POST', CHAT, held.respond);
    const proxy = await scenario.gateway.admin.create('/api/llm-proxies', {
      name: 'Streaming',
      policy: {
        guardrails: ['credit_card', 'email', 'phone', 'iban', 'us_ssn', 'private_key', 'secret'].map((detector) => ({
          name: detector,
          detector,
          on: 'answer',
          action: 'redact',
        })),
      },
    });
    const coming = post('openai', 'chat/completions', asking('?', { stream: true }), proxy.id);
    const { response } = await held.next();
    begin(response);
    const reader = (await coming).body!.getReader();
    for (const piece of ['The ', 'gate ', 'opens ', 'at noon, ', 'they say. ']) {
      response.write(chatPiece(piece));
      // nothing more was sent: what arrives now was not held back
      const { value } = await reader.read();
      expect(Buffer.from(value!).toString()).toBe(chatPiece(piece));
    }
    response.end('data: [DONE]\n\n');
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('data: [DONE]\n\n');
  });

  it('a stream in an unsupported format gets 403 guardrail_blocked', async () => {
    scenario.vendor.on('POST', /streamGenerateContent/, json(200, [{ candidates: [] }]));
    const came = await post('gemini', 'v1beta/models/gemini-2.5-flash:streamGenerateContent', {
      contents: [{ parts: [{ text: '?' }] }],
    });
    expect(came.status).toBe(403);
    expect((await came.json()).error.message).toContain('alt=sse');
    expect(await scenario.record()).toMatchObject({ errorCode: 'guardrail_blocked', outcome: 'refused' });
  });
});

it('a pattern with nested quantifiers does not stall a request of 1 MB', async () => {
  scenario.vendor.on('POST', CHAT, json(200, answering('Fine.')));
  const proxy = await scenario.gateway.admin.create('/api/llm-proxies', {
    name: 'Hostile',
    policy: { guardrails: [{ name: 'worst', detector: 'pattern', pattern: '(a+)+$', on: 'request', action: 'flag' }] },
  });
  const answer = await post('openai', 'chat/completions', asking(`${'a'.repeat(1_000_000)}!`), proxy.id);
  expect(answer.status).toBe(200);
  expect((await scenario.record()).guardrails).toBeNull();
});

function begin(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  return response;
}

async function readAll(answer: Response): Promise<{ text: string; isWhole: boolean }> {
  let text = '';
  try {
    for await (const chunk of answer.body!) text += Buffer.from(chunk as Uint8Array).toString();
    return { text, isWhole: true };
  } catch {
    return { text, isWhole: false };
  }
}
