/**
 * Promise: a stream that an error ends is still complete, so that every client reads the error; the client's connection
 * breaks only if the provider's does.
 */
import type { ServerResponse } from 'node:http';
import type { Responder } from '../../support/providers/fake-provider.js';
import { encodeFrame } from '../../../src/providers/wire/event-stream.js';
import { framesOf } from '../../support/providers/bedrock-event-stream.js';
import { sendRaw, type RawResponse } from '../../support/http/raw-http-call.js';
import { wire, wireJson } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';
import { WebhookReceiver } from '../../support/http/webhook-receiver.js';
import { WireClient } from '../../support/http/wire-client.js';

const SSE = 'text/event-stream';
const FRAMES = 'application/vnd.amazon.eventstream';
const SLOW_MS = 10;

interface FailingStream {
  name: string;
  model: string;
  vendorPath: RegExp;
  type: string;
  events: readonly Buffer[];
  /** The vendor's own message. */
  message: string;
}

const eventsOf = (vendor: string, file: string): Buffer[] =>
  wire(vendor, file)
    .toString()
    .split(/(?<=\n\n)/)
    .map((event) => Buffer.from(event));
const event = (data: object): Buffer => Buffer.from(`data: ${JSON.stringify(data)}\n\n`);
const chunk = (delta: object, more: object = {}, finish: string | null = null): Buffer =>
  event({
    id: 'gen-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  });

const CHAT_PATH = /^\/v1\/chat\/completions$/;
const STREAMS: readonly FailingStream[] = [
  {
    name: 'OpenAI',
    model: 'openai:gpt-5.4',
    vendorPath: CHAT_PATH,
    type: SSE,
    events: eventsOf('openai', 'stream-error.sse'),
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  {
    name: 'an OpenAI-compatible server that fails with an empty delta',
    model: 'mistral:mistral-large-latest',
    vendorPath: CHAT_PATH,
    type: SSE,
    events: [
      chunk({ role: 'assistant', content: 'Half' }),
      Buffer.from(': PROCESSING\n\n'),
      chunk({ content: '' }, { error: { code: 502, message: 'The upstream of the upstream left.' } }, 'error'),
      Buffer.from('data: [DONE]\n\n'),
    ],
    message: 'The upstream of the upstream left.',
  },
  {
    name: 'Anthropic',
    model: 'anthropic:claude-sonnet-4-5',
    vendorPath: /^\/v1\/messages$/,
    type: SSE,
    events: eventsOf('anthropic', 'stream-error.sse'),
    message: 'Overloaded',
  },
  {
    name: 'Gemini',
    model: 'gemini:gemini-2.5-flash',
    vendorPath: /:streamGenerateContent$/,
    type: SSE,
    events: eventsOf('gemini', 'stream-error.sse'),
    message: 'The model is overloaded. Please try again later.',
  },
  {
    name: 'Cohere',
    model: 'cohere:command-a-03-2025',
    vendorPath: /^\/v2\/chat$/,
    type: SSE,
    events: [
      ...eventsOf('cohere', 'chat-stream.sse').slice(0, 3),
      event({ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'The model went away.' } }),
    ],
    message: 'The model went away.',
  },
  {
    name: 'Bedrock',
    model: 'bedrock:anthropic.claude-sonnet-4',
    vendorPath: /\/converse-stream$/,
    type: FRAMES,
    events: framesOf(wireJson('bedrock', 'stream-error.frames')),
    message: 'The model stopped in the middle.',
  },
];

const messages = [{ role: 'user', content: 'Hello' }];
/** The router's clients, and the last event of a stream that failed. */
const CLIENTS: readonly [name: string, path: string, body: object, last: (message: string) => RegExp][] = [
  [
    'Chat',
    'model-router/{}/chat/completions',
    { stream: true, messages },
    (message) => new RegExp(`\\ndata: \\{"error":\\{[^\\n]*"message":"${message}[^\\n]*\\}\\}\\n\\n$`),
  ],
  [
    'Responses',
    'model-router/{}/responses',
    { stream: true, input: 'Hello' },
    (message) => new RegExp(`\\nevent: response\\.failed\\ndata: \\{[^\\n]*"message":"${message}[^\\n]*\\}\\n\\n$`),
  ],
  [
    'Messages',
    'model-router/{}/v1/messages',
    { max_tokens: 99, stream: true, messages },
    (message) =>
      new RegExp(`\\nevent: error\\ndata: \\{"type":"error","error":\\{[^\\n]*"message":"${message}[^\\n]*\\}\\n\\n$`),
  ],
];
const CASES = CLIENTS.flatMap(([client, path, body, last]) =>
  // A stream that passes unchanged has the vendor's own end.
  STREAMS.filter(({ model }) => client !== 'Chat' || !model.startsWith('mistral:'))
    .filter(({ model }) => client !== 'Responses' || !model.startsWith('openai:'))
    .filter(({ model }) => client !== 'Messages' || !model.startsWith('anthropic:'))
    .map((stream) => ({ client, path, body, last, stream, name: stream.name })),
);
const END_MARK = /\[DONE\]|message_stop|response\.completed|"finish_reason":"stop"/;

const paced =
  ({ type, events }: FailingStream, isSlow: boolean): Responder =>
  async (_, response) => {
    response.writeHead(200, { 'content-type': type });
    for (const each of events) {
      response.write(each);
      if (isSlow) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    }
    response.end();
  };

let scenario: Scenario;
let receiver: WebhookReceiver;
let client: WireClient;
const proxyIds: Record<string, string> = {};

beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic', 'gemini', 'cohere', 'bedrock', 'mistral');
  receiver = await WebhookReceiver.start();
  receiver.answers.set('/block', (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"action":"block","reason":"never"}'),
  );
  const word = { name: 'word', detector: 'pattern', pattern: 'nightingale', on: 'answer', action: 'block' };
  const webhook = { name: 'judge', detector: 'webhook', url: receiver.urlOf('/block'), on: 'answer' };
  const bodies = {
    plain: {},
    strict: { strictAudit: true },
    guarded: { policy: { guardrails: [word] } },
    'strict and guarded': { strictAudit: true, policy: { guardrails: [word] } },
    judged: { policy: { guardrails: [webhook] } },
  };
  for (const [name, body] of Object.entries(bodies)) {
    proxyIds[name] = (await scenario.gateway.admin.create('/api/llm-proxies', { name, ...body })).id;
  }
  client = new WireClient(scenario.gateway.url);
});
afterAll(async () => {
  receiver.close();
  client.close();
  await scenario.close();
});

const headers = () =>
  [
    ['authorization', `Bearer ${scenario.keys.virtual}`],
    ['content-type', 'application/json'],
  ] as const;

async function ask(path: string, body: object, proxy = 'plain'): Promise<RawResponse> {
  const response = await sendRaw(
    client,
    `/v1/${path.replace('{}', proxyIds[proxy]!)}`,
    headers(),
    JSON.stringify(body),
  );
  expect(response.next).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  return response;
}

/** No decoder sees an event without data: each block between empty lines has data, and no empty line is repeated. */
function expectNoEmptyEvents(body: string): void {
  for (const block of body.split('\n\n').slice(0, -1)) expect(block).toMatch(/^data:/m);
}

describe.each(['plain', 'strict', 'guarded', 'strict and guarded'])('an LLM proxy that is %s', (proxy) => {
  describe.each([
    ['in a burst', false],
    ['slowly', true],
  ])('vendor error %s', (_, isSlow) => {
    it.each(CASES)(
      "a vendor's stream error ends the $client stream in that format: $name",
      async ({ stream, path, body, last }) => {
        scenario.vendor.on('POST', stream.vendorPath, paced(stream, isSlow));
        const response = await ask(path, { model: stream.model, ...body }, proxy);
        expect(response.status).toBe(200);
        expect(response.body).toMatch(last(stream.message));
        expect(response.body).not.toMatch(END_MARK);
        expectNoEmptyEvents(response.body);
        expect(await scenario.record()).toMatchObject({ outcome: 'upstream_error', status: 200 });
      },
    );
  });
});

it.each([
  ['openai', 'openai/{}/chat/completions', STREAMS[0]!, { model: 'gpt-5.4', stream: true, messages }],
  ['anthropic', 'anthropic/{}/v1/messages', STREAMS[2]!, { model: 'c', max_tokens: 9, stream: true, messages }],
  ['gemini', 'gemini/{}/v1beta/models/g:streamGenerateContent?alt=sse', STREAMS[3]!, { contents: [] }],
  ['cohere', 'cohere/{}/v2/chat', STREAMS[4]!, { model: 'c', stream: true, messages }],
  ['bedrock', 'bedrock/{}/model/anthropic.claude-sonnet-4/converse-stream', STREAMS[5]!, { messages: [] }],
])('a stream error of %s reaches the client of its provider route unchanged', async (_, path, stream, body) => {
  for (const proxy of ['plain', 'strict', 'guarded']) {
    scenario.vendor.on('POST', stream.vendorPath, paced(stream, true));
    expect((await ask(path, body, proxy)).body).toBe(Buffer.concat(stream.events).toString('latin1'));
    expect(await scenario.record()).toMatchObject({ outcome: 'upstream_error', status: 200 });
  }
});

/** Streams whose chunks contain the forbidden word. */
const SAYING: readonly [string, string, RegExp, string, object, readonly Buffer[], RegExp][] = [
  [
    'OpenAI chat',
    'openai/{}/chat/completions',
    CHAT_PATH,
    SSE,
    { model: 'gpt-5.4', stream: true, messages },
    ['It is ', 'called night', 'ingale, ', 'they say. '].map((content) => chunk({ content })),
    /data: \{"error":\{"message":"(?:[^"\\]|\\.)+","type":"[^"]+","param":null,"code":"guardrail_blocked"\}\}\n\n$/,
  ],
  [
    'OpenAI responses',
    'openai/{}/responses',
    /^\/v1\/responses$/,
    SSE,
    { model: 'gpt-5.4', stream: true, input: 'Hi' },
    ['It is ', 'called night', 'ingale, '].map((delta) =>
      event({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta }),
    ),
    /event: response\.failed\ndata: \{[^\n]*"code":"guardrail_blocked"[^\n]*\}\n\n$/,
  ],
  [
    'Anthropic',
    'anthropic/{}/v1/messages',
    /^\/v1\/messages$/,
    SSE,
    { model: 'c', max_tokens: 9, stream: true, messages },
    ['It is ', 'called night', 'ingale, '].map((text) =>
      event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    ),
    /event: error\ndata: \{"type":"error","error":\{"type":"permission_error","message":"(?:[^"\\]|\\.)+"\},"request_id":"[^"]+"\}\n\n$/,
  ],
  [
    'Gemini',
    'gemini/{}/v1beta/models/g:streamGenerateContent?alt=sse',
    /:streamGenerateContent$/,
    SSE,
    { contents: [] },
    ['It is ', 'called night', 'ingale, '].map((text) => event({ candidates: [{ content: { parts: [{ text }] } }] })),
    /data: \{"error":\{"code":403,"message":"(?:[^"\\]|\\.)+","status":"PERMISSION_DENIED","details":\[\]\}\}\n\n$/,
  ],
  [
    'Cohere',
    'cohere/{}/v2/chat',
    /^\/v2\/chat$/,
    SSE,
    { model: 'c', stream: true, messages },
    ['It is ', 'called night', 'ingale, '].map((text) =>
      event({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } }),
    ),
    /event: message-end\ndata: \{"type":"message-end","id":"[^"]+","delta":\{"finish_reason":"ERROR","error":"(?:[^"\\]|\\.)+"\}\}\n\n$/,
  ],
  [
    'Bedrock',
    'bedrock/{}/model/anthropic.claude-sonnet-4/converse-stream',
    /\/converse-stream$/,
    FRAMES,
    { messages: [] },
    ['It is ', 'called night', 'ingale, '].map((text) =>
      encodeFrame('event', 'contentBlockDelta', { contentBlockIndex: 0, delta: { text } }),
    ),
    /validationException[^]*\{"message":"(?:[^"\\]|\\.)+"\}[^]{4}$/,
  ],
  [
    'the router',
    'model-router/{}/v1/messages',
    CHAT_PATH,
    SSE,
    { model: 'openai:gpt-5.4', max_tokens: 9, stream: true, messages },
    [...['It is ', 'called night', 'ingale, '].map((content) => chunk({ content })), chunk({}, {}, 'stop')],
    /event: error\ndata: \{"type":"error","error":\{"type":"permission_error","message":"(?:[^"\\]|\\.)+"\},"request_id":"[^"]+"\}\n\n$/,
  ],
];

describe.each(['guarded', 'strict and guarded', 'judged'])('guardrails on an LLM proxy that is %s', (proxy) => {
  it.each(SAYING)(
    "a guardrail error completes the stream in the client's format: %s",
    async (_, path, vendorPath, type, body, events, last) => {
      scenario.vendor.on('POST', vendorPath, (__, response) => {
        response.writeHead(200, { 'content-type': type });
        for (const each of events) response.write(each);
        if (proxy === 'judged') response.end();
      });
      const response = await ask(path, body, proxy);
      expect(response.body).toMatch(last);
      expect(response.body).not.toContain('ingale');
      if (type === SSE) expectNoEmptyEvents(response.body);
      expect(await scenario.record()).toMatchObject({ status: 200, errorCode: 'guardrail_blocked' });
    },
  );
});

describe('a broken provider connection in a stream of the router', () => {
  const breaking =
    (stream: FailingStream, end: (response: ServerResponse) => void): Responder =>
    (_, response) => {
      response.writeHead(200, { 'content-type': stream.type });
      response.write(stream.events[0], () => setTimeout(() => end(response), SLOW_MS));
    };

  it.each(CASES)(
    "a provider's reset connection breaks the $client stream after one error event: $name",
    async ({ stream, path, body }) => {
      scenario.vendor.on(
        'POST',
        stream.vendorPath,
        breaking(stream, (response) => response.socket!.resetAndDestroy()),
      );
      const url = `/v1/${path.replace('{}', proxyIds['plain']!)}`;
      const answer = await client.call('POST', url, headers(), JSON.stringify({ model: stream.model, ...body }));
      expect([answer.status, answer.complete]).toEqual([200, false]);
      expect(answer.text).toMatch(/error|failed/);
      expect(answer.text).not.toMatch(END_MARK);
      expectNoEmptyEvents(answer.text);
      expect(await scenario.record()).toMatchObject({ outcome: 'error', errorCode: 'upstream_unreachable' });
    },
  );

  it.each(CASES.filter(({ client: format, stream }) => format !== 'Chat' || stream.vendorPath !== CHAT_PATH))(
    "an early end of a close-delimited stream breaks the client's connection: $client, $name",
    async ({ stream, path, body }) => {
      scenario.vendor.on('POST', stream.vendorPath, (_, response) => {
        response.socket!.write(`HTTP/1.1 200 OK\r\ncontent-type: ${stream.type}\r\nconnection: close\r\n\r\n`);
        response.socket!.end(stream.events[0]!);
      });
      const url = `/v1/${path.replace('{}', proxyIds['plain']!)}`;
      const answer = await client.call('POST', url, headers(), JSON.stringify({ model: stream.model, ...body }));
      expect([answer.status, answer.complete]).toEqual([200, false]);
      expect(await scenario.record()).toMatchObject({ outcome: 'error', errorCode: 'upstream_unreachable' });
    },
  );
});

describe('keep-alive events', () => {
  const thinking = [
    'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}\n\n',
    'event: ping\ndata: {"type":"ping"}\n\n',
    'event: ping\r\ndata: {"type":"ping"}\r\n\r\n',
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}\n\n',
    ': a comment alone\n',
    'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}\n\n',
    'event: ping\ndata: {"type":"ping"}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  ].map((text) => Buffer.from(text));
  const stream: FailingStream = { ...STREAMS[2]!, events: thinking };

  it.each([
    ['Chat', 'plain', CLIENTS[0]!],
    ['Responses', 'plain', CLIENTS[1]!],
    ['Chat', 'guarded', CLIENTS[0]!],
    ['Responses', 'strict and guarded', CLIENTS[1]!],
  ])('pings of the vendor become comment lines for a %s client on a proxy that is %s', async (_, proxy, given) => {
    const [, path, body] = given;
    scenario.vendor.on('POST', stream.vendorPath, paced(stream, true));
    const response = await ask(path, { model: stream.model, ...body }, proxy);
    expect(response.body).toContain('\n\n: keep-alive\n');
    expect(response.body).not.toContain(': keep-alive\n\n');
    expectNoEmptyEvents(response.body);
    // Without its comments, the stream equals that of a vendor that sends none.
    const silent = { ...stream, events: thinking.filter((each) => !/^(?:event: ping|:)/.test(each.toString())) };
    scenario.vendor.on('POST', stream.vendorPath, paced(silent, true));
    const plain = (await ask(path, { model: stream.model, ...body }, proxy)).body;
    const told = (text: string): string =>
      text
        .replaceAll(': keep-alive\n', '')
        .replace(/"(?:created|created_at|completed_at)":\d+|(?:resp|msg|fc|rs)_\w+/g, '');
    expect(told(response.body)).toBe(told(plain));
  });
});
