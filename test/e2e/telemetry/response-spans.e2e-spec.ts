/**
 * Promise: spans state the id of the response and why it ended (OpenTelemetry, GenAI spans), in each dialect, whole and
 * streamed.
 */
import { type Responder, FakeProvider, json } from '../../support/providers/fake-provider.js';
import { bytesOf } from '../../support/providers/bedrock-event-stream.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { replay, wireJson } from '../../support/providers/recorded-responses.js';

/* eslint-disable-next-line @typescript-eslint/no-explicit-any */
type Json = any;

interface Call {
  vendor: string;
  /** The file of the vendor's recorded response. */
  file: string;
  /** Path below the gateway's `/v1/`. */
  path: string;
  body: object;
}

const chat = (vendor: string, file: string, stream = false): Call => ({
  vendor,
  file,
  path: `${vendor}/chat/completions`,
  body: { model: 'm', stream, messages: [] },
});
const MESSAGES = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] };
const GEMINI = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] };
const COHERE = { model: 'm', messages: MESSAGES.messages };
const CONVERSE = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] };
const routed = (vendor: string, file: string, stream: boolean): Call => ({
  vendor,
  file,
  path: 'model-router/chat/completions',
  body: { model: `${vendor}:m`, stream, messages: MESSAGES.messages },
});

const CALLS: readonly Call[] = [
  chat('openai', 'chat-tools.json'),
  chat('openai', 'chat-stream.sse', true),
  { vendor: 'openai', file: 'responses.json', path: 'openai/responses', body: { model: 'm', input: 'Hi' } },
  {
    vendor: 'openai',
    file: 'responses-stream.sse',
    path: 'openai/responses',
    body: { model: 'm', input: 'Hi', stream: true },
  },
  { vendor: 'anthropic', file: 'chat.json', path: 'anthropic/v1/messages', body: MESSAGES },
  {
    vendor: 'anthropic',
    file: 'chat-tools-stream.sse',
    path: 'anthropic/v1/messages',
    body: { ...MESSAGES, stream: true },
  },
  { vendor: 'gemini', file: 'chat.json', path: 'gemini/v1beta/models/m:generateContent', body: GEMINI },
  {
    vendor: 'gemini',
    file: 'chat-stream.sse',
    path: 'gemini/v1beta/models/m:streamGenerateContent?alt=sse',
    body: GEMINI,
  },
  { vendor: 'cohere', file: 'chat.json', path: 'cohere/v2/chat', body: COHERE },
  { vendor: 'cohere', file: 'chat-tools-stream.sse', path: 'cohere/v2/chat', body: { ...COHERE, stream: true } },
  { vendor: 'bedrock', file: 'converse-tools.json', path: 'bedrock/model/m/converse', body: CONVERSE },
  { vendor: 'bedrock', file: 'converse-stream.frames', path: 'bedrock/model/m/converse-stream', body: CONVERSE },
  routed('anthropic', 'chat-tools.json', false),
  routed('anthropic', 'chat-stream.sse', true),
  routed('openai', 'chat-stream.sse', true),
  routed('gemini', 'chat-stream.sse', true),
];

let vendor: FakeProvider;
let collector: FakeProvider;
let gateway: TestGateway;
const ids: string[] = [];

beforeAll(async () => {
  vendor = await FakeProvider.start();
  collector = await FakeProvider.start();
  collector.on('POST', '/v1/traces', json(200, {}));
  const vendors = [...new Set(CALLS.map((call) => call.vendor))];
  const basePath = (id: string): string => (id === 'openai' ? '/v1' : '');
  gateway = await startGateway({
    ...Object.fromEntries(vendors.map((id) => [`LLM_${id.toUpperCase()}_BASE_URL`, vendor.url + basePath(id)])),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  const keys: Json[] = [];
  for (const provider of vendors)
    keys.push(
      await gateway.admin.create('/api/llm-provider-api-keys', { name: provider, provider, apiKey: 'stored-key-0123' }),
    );
  const { value } = await gateway.admin.create('/api/llm-virtual-keys', {
    name: 'k',
    providerApiKeys: keys.map(({ provider, id }) => ({ provider, providerApiKeyId: id })),
  });
  for (const call of CALLS) {
    vendor.on('POST', /./, answerOf(call));
    const response = await fetch(`${gateway.url}/v1/${call.path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${value}`, 'content-type': 'application/json' },
      body: JSON.stringify(call.body),
    });
    await response.arrayBuffer();
    ids.push(response.headers.get('x-request-id')!);
  }
  await gateway.flushRecords();
  // Remaining spans are exported before the process ends.
  await gateway.close();
}, 90_000);
afterAll(async () => {
  await vendor.close();
  await collector.close();
});

function answerOf({ vendor: id, file }: Call): Responder {
  const { headers } = wireJson(id, 'expected.json')[file];
  if (!file.endsWith('.frames')) return replay(id, file, 200, headers);
  return json(200, bytesOf(wireJson(id, file)), { 'content-type': 'application/vnd.amazon.eventstream', ...headers });
}

/** Returns the attributes of a request's span: texts, and lists of texts. */
function attributesOf(requestId: string): Record<string, unknown> {
  const spans: Json[] = collector.received.flatMap(({ body }) =>
    JSON.parse(body.toString()).resourceSpans.flatMap((r: Json) => r.scopeSpans.flatMap((s: Json) => s.spans)),
  );
  const read = ({ stringValue, arrayValue }: Json): unknown => stringValue ?? arrayValue?.values.map(read);
  return spans
    .map(({ attributes }) => Object.fromEntries(attributes.map(({ key, value }: Json) => [key, read(value)])))
    .find((attributes) => attributes['gatehouse.request_id'] === requestId)!;
}

it.each(CALLS.map(({ path, file }, i) => [path, file, i] as const))(
  'the span of %s with %s has the response id and finish reasons',
  (_path, _file, i) => {
    const { vendor: id, file } = CALLS[i]!;
    const { responseId, finishReasons } = wireJson(id, 'expected.json')[file];
    expect(finishReasons).toHaveLength(1);
    expect(attributesOf(ids[i]!)).toMatchObject({
      'gen_ai.response.finish_reasons': finishReasons,
      ...(responseId !== null && { 'gen_ai.response.id': responseId }),
    });
  },
);
