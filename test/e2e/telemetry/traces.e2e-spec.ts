/** W3C Trace Context and OpenTelemetry: the data for a collector, and the headers for the provider. */
import { FakeProvider, json } from '../../support/providers/fake-provider.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

/* eslint-disable-next-line @typescript-eslint/no-explicit-any */
type Json = any;

let provider: FakeProvider;
let collector: FakeProvider;
let gateway: TestGateway;

const sent: Record<string, Headers> = {};

const call = async (name: string, headers: Record<string, string>, key = 'sk-proj-abc'): Promise<void> => {
  const response = await fetch(`${gateway.url}/v1/openai/chat/completions?tag=in-query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'words of the prompt' }] }),
  });
  await response.text();
  sent[name] = response.headers;
};

beforeAll(async () => {
  provider = await FakeProvider.start();
  provider.on(
    'POST',
    '/v1/chat/completions',
    json(200, { id: 'c', model: 'gpt-4o-2024-08-06', choices: [], usage: USAGE }),
  );
  collector = await FakeProvider.start();
  collector.on('POST', '/v1/traces', json(200, {}));
  gateway = await startGateway({
    LLM_OPENAI_BASE_URL: `${provider.url}/v1`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
  });
  await call('followed', { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1' });
  await call('unsampled', { traceparent: `00-${TRACE}-${PARENT}-00` });
  await call('nonsense', { traceparent: '00-nonsense-01', tracestate: 'vendor=2' });
  await call('fresh', {});
  await call('refused', { traceparent: `00-${TRACE}-${PARENT}-01` }, 'arch_wrong');
  await gateway.flushRecords();
  // Remaining spans are exported before the process ends.
  await gateway.close();
});

afterAll(async () => {
  await provider.close();
  await collector.close();
});

const spans = (): Json[] =>
  collector.received.flatMap(({ body }) =>
    JSON.parse(body.toString()).resourceSpans.flatMap((r: Json) => r.scopeSpans.flatMap((s: Json) => s.spans)),
  );

const attributesOf = (span: Json): Record<string, unknown> =>
  Object.fromEntries(span.attributes.map(({ key, value }: Json) => [key, Object.values(value as object)[0]]));

const spanOf = (name: string): Json =>
  spans().find((span) => attributesOf(span)['gatehouse.request_id'] === sent[name]!.get('x-request-id'));

describe('a traced call', () => {
  it('a call has one server span below the span of its caller', () => {
    const span = spanOf('followed');
    expect(span).toMatchObject({ name: 'chat gpt-4o', kind: 2, traceId: TRACE, parentSpanId: PARENT });
    expect(attributesOf(span)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 3,
      'http.response.status_code': 200,
      'server.address': 'localhost',
      'gatehouse.auth_method': 'provider-key',
      'gatehouse.outcome': 'success',
    });
    expect(Number(span.endTimeUnixNano)).toBeGreaterThan(Number(span.startTimeUnixNano));
  });

  it("the provider receives the call's span as traceparent, and tracestate unchanged", () => {
    const { headers } = provider.received[0]!;
    expect(headers['traceparent']).toBe(`00-${TRACE}-${spanOf('followed').spanId}-01`);
    expect(headers['tracestate']).toBe('vendor=1');
  });

  it('an unsampled traceparent exports no span and reaches the provider unsampled', () => {
    expect(spanOf('unsampled')).toBeUndefined();
    expect(provider.received[1]!.headers['traceparent']).toMatch(
      new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-00$`),
    );
  });

  it('a missing or invalid traceparent begins a new trace', () => {
    for (const [i, name] of [
      [2, 'nonsense'],
      [3, 'fresh'],
    ] as const) {
      const span = spanOf(name);
      expect(span.parentSpanId ?? '').toBe('');
      expect(span.traceId).not.toBe(TRACE);
      expect(provider.received[i]!.headers['traceparent']).toBe(`00-${span.traceId}-${span.spanId}-01`);
      expect(provider.received[i]!.headers['tracestate']).toBeUndefined();
    }
  });

  it('a refused call has a span with error.type', () => {
    const span = spanOf('refused');
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    expect(attributesOf(span)).toMatchObject({ 'error.type': 'credential_invalid', 'http.response.status_code': 401 });
  });

  it('exported spans contain no credential, query or body text', () => {
    expect(collector.received.map(({ body }) => body.toString()).join('')).not.toMatch(
      /sk-proj|in-query|words of the prompt/,
    );
  });

  it('exported spans have the service name gatehouse', () => {
    const [{ resource }] = JSON.parse(collector.received[0]!.body.toString()).resourceSpans;
    expect(attributesOf(resource)['service.name']).toBe('gatehouse');
  });
});
