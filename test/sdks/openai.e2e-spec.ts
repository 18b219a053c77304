/**
 * Promise: OpenAI's own SDK works against the gateway as against OpenAI: responses, streams, retries, aborts and
 * errors.
 */
import OpenAI from 'openai';
import {
  dying,
  hangUp,
  inTurn,
  openStream,
  packedEmbeddings,
  replay,
  silence,
  wireJson,
} from '../support/providers/recorded-responses.js';
import { BROKEN_OFF, expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

const MODEL = 'gpt-5.4';
const CHAT = { model: MODEL, messages: [{ role: 'user' as const, content: 'Grüß Gott! 👋' }] };
const ASK = { model: MODEL, input: 'Grüß Gott! 👋' };

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('openai')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

const client = ({ baseUrl, key }: Target, options: object = {}): OpenAI =>
  new OpenAI({
    baseURL: baseUrl,
    apiKey: key || 'unused',
    ...(key ? {} : { defaultHeaders: { authorization: null } }),
    ...options,
  });
const vendor = (path: string, answer: Parameters<typeof scenario.vendor.on>[2], method = 'POST'): void =>
  void scenario.vendor.on(method, `/v1/${path}`, answer);

describe.each(AUTH_METHODS)('%s', (name) => {
  const wayIn = () => scenario.authMethod(name);

  it("OpenAI's SDK receives a chat completion", async () => {
    vendor('chat/completions', replay('openai', 'chat.json'));
    const { data, response } = await client(wayIn().target).chat.completions.create(CHAT).withResponse();
    expect(data).toMatchObject(wireJson('openai', 'chat.json'));
    expect(data).toHaveProperty('_request_id', response.headers.get('x-request-id'));
    expect(Number(response.headers.get('x-gateway-cost-usd'))).toBeGreaterThan(0);
    const arrived = scenario.arrived();
    expect(arrived.line).toBe('POST /v1/chat/completions');
    expect(arrived.credentials).toEqual({ authorization: `Bearer ${wayIn().providerKey}` });
    expect(arrived.body).toEqual(CHAT);
    await scenario.expectMetered(wayIn(), 'chat.json', { operation: 'chat', requestedModel: MODEL });
  });

  it("OpenAI's SDK receives a chat stream", async () => {
    vendor('chat/completions', replay('openai', 'chat-stream.sse'));
    const params = { ...CHAT, stream: true as const, stream_options: { include_usage: true } };
    const stream = await client(wayIn().target).chat.completions.create(params);
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe('Grüß Gott! The gate says \\"usage\\": {\n 👋 data: [].');
    expect(usage).toMatchObject({ prompt_tokens: 57, completion_tokens: 24 });
    expect(scenario.arrived().body).toEqual(params);
    await scenario.expectMetered(wayIn(), 'chat-stream.sse', { operation: 'chat', requestedModel: MODEL });
  });

  it("OpenAI's SDK receives a response of the Responses API", async () => {
    vendor('responses', replay('openai', 'responses.json'));
    const answer = await client(wayIn().target).responses.create(ASK);
    expect(answer.output_text).toBe('Servus, Welt');
    expect(answer.usage).toEqual(wireJson('openai', 'responses.json').usage);
    expect(scenario.arrived().line).toBe('POST /v1/responses');
    await scenario.expectMetered(wayIn(), 'responses.json', { requestedModel: MODEL });
  });

  it("OpenAI's SDK receives a stream of the Responses API", async () => {
    vendor('responses', replay('openai', 'responses-stream.sse'));
    const stream = await client(wayIn().target).responses.create({ ...ASK, stream: true });
    let text = '';
    let last = '';
    for await (const event of stream) {
      last = event.type;
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed') expect(event.response.usage?.output_tokens).toBe(31);
    }
    expect([text, last]).toEqual(['Servus, Welt', 'response.completed']);
    await scenario.expectMetered(wayIn(), 'responses-stream.sse', { requestedModel: MODEL });
  });

  it("OpenAI's SDK receives embeddings in base64", async () => {
    vendor('embeddings', packedEmbeddings());
    const params = { model: 'text-embedding-3-small', input: ['eins', 'zwei'] };
    const answer = await client(wayIn().target).embeddings.create(params);
    expect(answer.data[1]!.embedding[0]).toBeCloseTo(0.0023064255, 8);
    expect(scenario.arrived().body).toEqual({ ...params, encoding_format: 'base64' });
    await scenario.expectMetered(wayIn(), 'embeddings.json', { operation: 'embeddings' });
  });

  it("OpenAI's SDK lists models", async () => {
    vendor('models', replay('openai', 'models.json'), 'GET');
    const ids: string[] = [];
    for await (const model of client(wayIn().target).models.list()) ids.push(model.id);
    expect(ids).toEqual(['gpt-5.4', 'gpt-5.4-mini', 'text-embedding-3-small', 'omni-moderation-latest']);
    expect(scenario.arrived().line).toBe('GET /v1/models');
    expect(await scenario.record()).toMatchObject({ ...wayIn().record, operation: 'list_models', status: 200 });
  });

  it("a stream that OpenAI's SDK aborts is canceled at the provider and recorded as client_aborted", async () => {
    const open = openStream('openai', 'chat-stream.sse', 3);
    vendor('chat/completions', open.answer);
    const stream = await client(wayIn().target).chat.completions.create({ ...CHAT, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await open.closed;
    expect(await scenario.record()).toMatchObject({
      ...wayIn().record,
      outcome: 'client_aborted',
      streaming: true,
      estimated: true,
    });
  });

  it("a call that OpenAI's SDK aborts before the response is canceled at the provider and recorded with 499", async () => {
    const held = silence();
    vendor('chat/completions', held.answer);
    const abort = new AbortController();
    const call = rejection(client(wayIn().target).chat.completions.create(CHAT, { signal: abort.signal }));
    await held.reached;
    abort.abort();
    expect(await call).toBeInstanceOf(OpenAI.APIUserAbortError);
    await held.closed;
    expect(await scenario.record()).toMatchObject({ ...wayIn().record, status: 499, outcome: 'client_aborted' });
  });

  it("OpenAI's SDK throws an APIError when the provider's connection breaks in mid-stream", async () => {
    vendor('chat/completions', dying('openai', 'chat-stream.sse', 3));
    const error = await rejection(read(client(wayIn().target)));
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ message: BROKEN_OFF, type: 'server_error', code: 'upstream_unreachable' });
    expect(scenario.vendor.started).toBe(1);
    expect(await scenario.record()).toMatchObject({
      ...wayIn().record,
      outcome: 'error',
      errorCode: 'upstream_unreachable',
      estimated: true,
    });
  });
});

describe('refusals of the gateway', () => {
  const classes: Record<number, unknown> = {
    400: OpenAI.BadRequestError,
    401: OpenAI.AuthenticationError,
    403: OpenAI.PermissionDeniedError,
  };

  it.each(REFUSALS)(
    "the refusal for $name is an exception class of OpenAI's SDK with the gateway's message",
    async (refusal) => {
      const { status, code } = refusal;
      const error = await rejection(client(refusal.target(scenario)).chat.completions.create(CHAT));
      expect(error).toBeInstanceOf(classes[status]);
      const sentence = refusal.sentence(scenario, { providerName: 'OpenAI', model: MODEL });
      expect(error).toMatchObject({ message: `${status} ${sentence}`, code, param: null });
      if (status === 401)
        expect(error.headers.get('www-authenticate')).toContain('resource_metadata="http://localhost:');
      await expectRefused(scenario, refusal);
      expect(error.requestID).toBe((await scenario.record()).requestId);
    },
  );
});

describe('errors of the gateway', () => {
  it("OpenAI's SDK retries a broken provider connection and then throws a 502", async () => {
    vendor('chat/completions', hangUp);
    const openai = client(scenario.target(scenario.keys.virtual), { maxRetries: 1 });
    const error = await rejection(openai.chat.completions.create(CHAT));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ message: `502 ${BROKEN_OFF}`, code: 'upstream_unreachable' });
    expect(scenario.vendor.started).toBe(2);
    expect(await scenario.record()).toMatchObject({ status: 502, outcome: 'error', costUsd: null });
  });

  it('too many failed credentials get 429 with retry-after', async () => {
    const guess = client(scenario.target('arch_guess'), { maxRetries: 0 });
    const failed = async () => (await rejection(guess.models.list())).code;
    const codes: string[] = [];
    for (let i = 0; i < 10; i++) codes.push(await failed());
    expect(codes).toEqual(codes.map(() => 'credential_invalid'));
    const error = await rejection(guess.models.list());
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error.code).toBe('too_many_failures');
    const seconds = Number(error.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(error.message).toContain(`try again in ${seconds} s.`);
    // The valid key still works from an address whose invalid one does not.
    vendor('models', replay('openai', 'models.json'), 'GET');
    await client(scenario.target(scenario.keys.virtual)).models.list();
  });
});

describe('errors of the provider', () => {
  const recorded = wireJson('openai', 'error.json').error;

  it.each([
    [400, OpenAI.BadRequestError],
    [404, OpenAI.NotFoundError],
  ])("a provider error %i reaches OpenAI's SDK unchanged without a retry", async (status, type) => {
    vendor('chat/completions', replay('openai', 'error.json', status));
    const error = await rejection(client(scenario.target(scenario.keys.virtual)).chat.completions.create(CHAT));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ message: `${status} ${recorded.message}`, code: recorded.code, error: recorded });
    expect(scenario.vendor.started).toBe(1);
    const record = await scenario.record();
    expect(record).toMatchObject({ status, outcome: 'upstream_error', errorCode: null });
    expect(error.requestID).toBe(record.requestId);
  });

  it.each([
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
  ])("OpenAI's SDK retries a provider error %i as its headers ask and then throws it", async (status, type) => {
    vendor('chat/completions', replay('openai', 'error.json', status, { 'retry-after-ms': '1' }));
    const error = await rejection(client(scenario.target(scenario.keys.virtual)).chat.completions.create(CHAT));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toBe(`${status} ${recorded.message}`);
    expect(error.headers.get('retry-after-ms')).toBe('1');
    expect(scenario.vendor.started).toBe(3);
    expect((await scenario.records()).slice(0, 3).map((record) => record.status)).toEqual([status, status, status]);
  });

  it("a retry of OpenAI's SDK succeeds after a provider error 503", async () => {
    const again = { 'retry-after-ms': '1' };
    vendor('chat/completions', inTurn(replay('openai', 'error.json', 503, again), replay('openai', 'chat.json')));
    const answer = await client(scenario.target(scenario.keys.virtual)).chat.completions.create(CHAT);
    expect(answer.usage?.total_tokens).toBe(75);
    expect(scenario.vendor.started).toBe(2);
  });

  it("OpenAI's SDK does not retry a provider error with x-should-retry: false", async () => {
    vendor('chat/completions', replay('openai', 'error.json', 500, { 'x-should-retry': 'false' }));
    await rejection(client(scenario.target(scenario.keys.virtual)).chat.completions.create(CHAT));
    expect(scenario.vendor.started).toBe(1);
  });

  it("OpenAI's SDK throws an error event of a stream in the provider's words", async () => {
    vendor('chat/completions', replay('openai', 'stream-error.sse'));
    const error = await rejection(read(client(scenario.target(scenario.keys.virtual))));
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error.message).toBe('The server had an error while processing your request. Sorry about that!');
    expect(await scenario.record()).toMatchObject({ status: 200, outcome: 'upstream_error', streaming: true });
  });
});

it('a broken provider connection in a stream of the Responses API ends with response.failed', async () => {
  vendor('responses', dying('openai', 'responses-stream.sse', 3));
  const stream = await client(scenario.target(scenario.keys.virtual)).responses.create({ ...ASK, stream: true });
  const failures: unknown[] = [];
  const error = await rejection(
    (async () => {
      for await (const event of stream) if (event.type === 'response.failed') failures.push(event.response.error);
    })(),
  );
  expect(failures).toEqual([{ code: 'upstream_unreachable', message: BROKEN_OFF }]);
  expect(error.message).toBe('terminated');
});

it('usage that the client did not request is removed from the stream and still recorded', async () => {
  vendor('chat/completions', replay('openai', 'chat-stream.sse'));
  const stream = await client(scenario.target(scenario.keys.virtual)).chat.completions.create({
    ...CHAT,
    stream: true,
  });
  for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
  expect(JSON.parse(scenario.vendor.received[0]!.body.toString())).toEqual({
    ...CHAT,
    stream: true,
    stream_options: { include_usage: true },
  });
  await scenario.expectMetered(scenario.authMethod('a virtual key'), 'chat-stream.sse', {});
});

it("OpenAI's SDK accepts base URLs with the id of an LLM proxy and a trailing v1/", async () => {
  vendor('chat/completions', replay('openai', 'chat.json'));
  const open = await scenario.gateway.admin.create('/api/llm-proxies', { name: 'Open' });
  const { baseUrl, key } = scenario.target(scenario.keys.virtual, { proxyId: open.id });
  await client({ baseUrl: `${baseUrl}/v1`, key }).chat.completions.create(CHAT);
  expect(scenario.arrived().line).toBe('POST /v1/chat/completions');
  expect(await scenario.record()).toMatchObject({ proxyId: open.id, status: 200 });
});

async function read(openai: OpenAI): Promise<void> {
  for await (const _ of await openai.chat.completions.create({ ...CHAT, stream: true }));
}
