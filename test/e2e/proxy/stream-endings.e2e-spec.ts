/**
 * Promise: every kind of stream reaches its client to the last byte, in order, and leaves the connection usable for the
 * next call.
 */
import type { Responder } from '../../support/providers/fake-provider.js';
import { framesOf } from '../../support/providers/bedrock-event-stream.js';
import { sendRaw, type RawResponse } from '../../support/http/raw-http-call.js';
import { wire, wireJson } from '../../support/providers/recorded-responses.js';
import { Scenario } from '../../support/gateway/scenario.js';
import { WebhookReceiver } from '../../support/http/webhook-receiver.js';
import { WireClient } from '../../support/http/wire-client.js';

const SLOW_MS = 10;
const SSE = 'text/event-stream';
const FRAMES = 'application/vnd.amazon.eventstream';
const LINES = 'application/x-ndjson';

interface VendorStream {
  vendor: string;
  vendorPath: RegExp;
  type: string;
  events: readonly Buffer[];
}

const sseEvents = (vendor: string, file: string): Buffer[] =>
  wire(vendor, file)
    .toString()
    .split(/(?<=\r?\n\r?\n)/)
    .map((event) => Buffer.from(event));

const lines = (vendor: string, file: string): Buffer[] =>
  wire(vendor, file)
    .toString()
    .split(/(?<=\n)/)
    .map((line) => Buffer.from(line));

/** Vendors send pings and comments while a model thinks. */
const withKeepAlive = (events: readonly Buffer[], keepAlive: string, at: number): Buffer[] => [
  ...events.slice(0, at),
  Buffer.from(keepAlive),
  ...events.slice(at),
];

const VENDOR_STREAMS = {
  chat: {
    vendor: 'openai',
    vendorPath: /^\/v1\/chat\/completions$/,
    type: SSE,
    events: withKeepAlive(sseEvents('openai', 'chat-stream.sse'), ': PROCESSING\n\n', 0),
  },
  responses: {
    vendor: 'openai',
    vendorPath: /^\/v1\/responses$/,
    type: SSE,
    events: sseEvents('openai', 'responses-stream.sse'),
  },
  anthropic: {
    vendor: 'anthropic',
    vendorPath: /^\/v1\/messages$/,
    type: SSE,
    events: withKeepAlive(sseEvents('anthropic', 'chat-stream.sse'), 'event: ping\ndata: {"type":"ping"}\n\n', 2),
  },
  gemini: {
    vendor: 'gemini',
    vendorPath: /:streamGenerateContent$/,
    type: SSE,
    events: sseEvents('gemini', 'chat-stream.sse'),
  },
  geminiArray: {
    vendor: 'gemini',
    vendorPath: /:streamGenerateContent$/,
    type: 'application/json; charset=UTF-8',
    events: wire('gemini', 'chat-stream-array.json')
      .toString()
      .split(/(?<=\n)/)
      .map((line) => Buffer.from(line)),
  },
  cohere: { vendor: 'cohere', vendorPath: /^\/v2\/chat$/, type: SSE, events: sseEvents('cohere', 'chat-stream.sse') },
  cohereV1: {
    vendor: 'cohere',
    vendorPath: /^\/v1\/chat$/,
    type: 'application/stream+json',
    events: lines('cohere', 'v1-chat-stream.ndjson'),
  },
  ollama: { vendor: 'ollama', vendorPath: /^\/api\/chat$/, type: LINES, events: lines('ollama', 'chat-stream.ndjson') },
  ollamaGenerate: {
    vendor: 'ollama',
    vendorPath: /^\/api\/generate$/,
    type: LINES,
    events: lines('ollama', 'generate-stream.ndjson'),
  },
  bedrock: {
    vendor: 'bedrock',
    vendorPath: /\/converse-stream$/,
    type: FRAMES,
    events: framesOf(wireJson('bedrock', 'converse-stream.frames')),
  },
} satisfies Record<string, VendorStream>;

/** How the vendor's events are split into network writes. */
const PACES: readonly [string, (stream: VendorStream) => Responder][] = [
  [
    'in one write',
    ({ type, events }) =>
      (_, response) =>
        void response.writeHead(200, { 'content-type': type }).end(Buffer.concat(events)),
  ],
  [
    'in a burst',
    ({ type, events }) =>
      (_, response) => {
        response.writeHead(200, { 'content-type': type });
        for (const event of events) response.write(event);
        response.end();
      },
  ],
  [
    'slowly',
    ({ type, events }) =>
      async (_, response) => {
        response.writeHead(200, { 'content-type': type });
        for (const event of events) {
          response.write(event);
          await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
        }
        response.end();
      },
  ],
  [
    'in shreds',
    ({ type, events }) =>
      async (_, response) => {
        response.writeHead(200, { 'content-type': type });
        const bytes = Buffer.concat(events);
        for (let at = 0; at < bytes.length; at += 61) {
          response.write(bytes.subarray(at, at + 61));
          if (at % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        response.end();
      },
  ],
];

const messages = [{ role: 'user', content: 'Hello' }];
const ROUTES: readonly [name: string, stream: VendorStream, path: string, body: object][] = [
  [
    'OpenAI chat',
    VENDOR_STREAMS.chat,
    'openai/{}/chat/completions',
    { model: 'gpt-5.4', stream: true, stream_options: { include_usage: true }, messages },
  ],
  [
    'OpenAI responses',
    VENDOR_STREAMS.responses,
    'openai/{}/responses',
    { model: 'gpt-5.4', stream: true, input: 'Hi' },
  ],
  [
    'Anthropic',
    VENDOR_STREAMS.anthropic,
    'anthropic/{}/v1/messages',
    { model: 'claude-sonnet-4-5', max_tokens: 9, stream: true, messages },
  ],
  [
    'Gemini',
    VENDOR_STREAMS.gemini,
    'gemini/{}/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
  ],
  ['Cohere', VENDOR_STREAMS.cohere, 'cohere/{}/v2/chat', { model: 'command-a-03-2025', stream: true, messages }],
  [
    'Cohere, version 1',
    VENDOR_STREAMS.cohereV1,
    'cohere/{}/v1/chat',
    { model: 'command-a-03-2025', stream: true, message: 'Hi' },
  ],
  ['Ollama', VENDOR_STREAMS.ollama, 'ollama/{}/api/chat', { model: 'llama3.2:3b', messages }],
  ['Ollama generate', VENDOR_STREAMS.ollamaGenerate, 'ollama/{}/api/generate', { model: 'llama3.2:3b', prompt: 'Hi' }],
  [
    'Bedrock',
    VENDOR_STREAMS.bedrock,
    'bedrock/{}/model/anthropic.claude-sonnet-4/converse-stream',
    { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
  ],
];
const GEMINI_ARRAY = [
  'Gemini as an array',
  VENDOR_STREAMS.geminiArray,
  'gemini/{}/v1beta/models/gemini-2.5-flash:streamGenerateContent',
  { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
] as const;

const ROUTED: readonly [stream: VendorStream, model: string][] = [
  [VENDOR_STREAMS.chat, 'openai:gpt-5.4'],
  [VENDOR_STREAMS.anthropic, 'anthropic:claude-sonnet-4-5'],
  [VENDOR_STREAMS.gemini, 'gemini:gemini-2.5-flash'],
  [VENDOR_STREAMS.cohere, 'cohere:command-a-03-2025'],
  [VENDOR_STREAMS.bedrock, 'bedrock:anthropic.claude-sonnet-4'],
];
const ROUTED_PACES = ROUTED.flatMap(([stream, model]) =>
  PACES.map(([pace, paced]) => ({ stream, model, pace, paced })),
);
/** The formats of the router's clients, and how a stream of each ends. */
const CLIENTS: readonly [name: string, path: string, body: object, last: RegExp][] = [
  [
    'Chat',
    'model-router/{}/chat/completions',
    { stream: true, messages },
    /\n\n(?:: keep-alive\n)*data: \{[^\n]*"finish_reason":"stop"[^\n]*\}\n\ndata: \[DONE\]\n\n$/,
  ],
  [
    'Chat with usage',
    'model-router/{}/chat/completions',
    { stream: true, stream_options: { include_usage: true }, messages },
    /\n\n(?:: keep-alive\n)*data: \{[^\n]*"usage":\{[^\n]*\}\n\ndata: \[DONE\]\n\n$/,
  ],
  [
    'Responses',
    'model-router/{}/responses',
    { stream: true, input: 'Hello' },
    /\n\n(?:: keep-alive\n)*event: response\.completed\ndata: \{[^\n]*"usage":\{[^\n]*\}\n\n$/,
  ],
  [
    'Messages',
    'model-router/{}/v1/messages',
    { max_tokens: 99, stream: true, messages },
    /\n\n(?:: keep-alive\n)*event: message_delta\ndata: \{[^\n]*"stop_reason":"end_turn"[^\n]*\}\n\nevent: message_stop\ndata: \{"type":"message_stop"\}\n\n$/,
  ],
];

let scenario: Scenario;
let receiver: WebhookReceiver;
let client: WireClient;
/** Keyed by the processing of responses. */
const proxyIds: Record<string, string> = {};
const TREATMENTS = ['none', 'guarded by a pattern', 'guarded by a webhook', 'strict', 'strict and guarded'] as const;

beforeAll(async () => {
  scenario = await Scenario.start('openai', 'anthropic', 'gemini', 'cohere', 'bedrock', 'ollama');
  receiver = await WebhookReceiver.start();
  receiver.answers.set('/allow', (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"action":"allow"}'),
  );
  const pattern = { name: 'never', detector: 'pattern', pattern: 'Zanzibar[0-9]+', on: 'answer', action: 'redact' };
  const webhook = { name: 'judge', detector: 'webhook', url: receiver.urlOf('/allow'), on: 'answer' };
  const bodies: Record<(typeof TREATMENTS)[number], object> = {
    none: {},
    'guarded by a pattern': { policy: { guardrails: [pattern] } },
    'guarded by a webhook': { policy: { guardrails: [webhook, pattern] } },
    strict: { strictAudit: true },
    'strict and guarded': { strictAudit: true, captureContent: 'full', policy: { guardrails: [pattern] } },
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

async function ask(path: string, body: object, treatment: string): Promise<RawResponse> {
  const headers = [
    ['authorization', `Bearer ${scenario.keys.virtual}`],
    ['content-type', 'application/json'],
  ] as const;
  const url = `/v1/${path.replace('{}', proxyIds[treatment]!)}`;
  const response = await sendRaw(client, url, headers, JSON.stringify(body));
  expect(response.status).toBe(200);
  expect(response.next).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(response.next.match(/HTTP\/1\.1/g)).toHaveLength(1);
  return response;
}

describe.each(TREATMENTS)('response processing: %s', (treatment) => {
  describe.each(treatment.includes('guarded') ? ROUTES : [...ROUTES, GEMINI_ARRAY])(
    'a stream of %s',
    (_, stream, path, body) => {
      it.each(PACES)("a vendor's stream sent %s reaches the client byte for byte", async (__, paced) => {
        scenario.vendor.on('POST', stream.vendorPath, paced(stream));
        const response = await ask(path, body, treatment);
        expect(response.body).toBe(Buffer.concat(stream.events).toString('latin1'));
        expect(await scenario.record()).toMatchObject({ outcome: 'success', status: 200 });
      });
    },
  );

  it.each(PACES)('a stream sent %s lacks only the usage that the client did not request', async (_, paced) => {
    scenario.vendor.on('POST', VENDOR_STREAMS.chat.vendorPath, paced(VENDOR_STREAMS.chat));
    const { body } = await ask('openai/{}/chat/completions', { model: 'gpt-5.4', stream: true, messages }, treatment);
    const events = body.split(/(?<=\n\n)/);
    expect(events.at(-1)).toBe('data: [DONE]\n\n');
    expect(events).toHaveLength(VENDOR_STREAMS.chat.events.length - 1);
    expect(body).not.toContain('"choices":[],');
    expect((await scenario.record()).outputTokens).toBeGreaterThan(0);
  });

  describe.each(CLIENTS)('clients of %s', (_, path, body, last) => {
    it.each(ROUTED_PACES)(
      'a stream of $model sent $pace ends in the format of the client',
      async ({ stream, model, paced }) => {
        scenario.vendor.on('POST', stream.vendorPath, paced(stream));
        if (stream === VENDOR_STREAMS.chat) {
          scenario.vendor.on('POST', VENDOR_STREAMS.responses.vendorPath, paced(VENDOR_STREAMS.responses));
        }
        const response = await ask(path, { model, ...body }, treatment);
        expect(response.body).toMatch(last);
        expect(await scenario.record()).toMatchObject({ outcome: 'success', status: 200 });
      },
    );
  });
});

it('events of one network read leave in one chunk', async () => {
  scenario.vendor.on('POST', VENDOR_STREAMS.chat.vendorPath, PACES[0]![1](VENDOR_STREAMS.chat));
  const [, , path, body] = ROUTES[0]!;
  expect((await ask(path, body, 'none')).chunkSizes).toHaveLength(1);
});
