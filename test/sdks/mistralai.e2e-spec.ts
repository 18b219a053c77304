/** Promise: Mistral's own SDK works against the gateway as against Mistral, and prints the gateway's refusals. */
import { Mistral } from '@mistralai/mistralai';
import { dying, openStream, replay, wire, wireJson } from '../support/providers/recorded-responses.js';
import { expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

const MODEL = 'mistral-small-latest';
const ASK = { model: MODEL, messages: [{ role: 'user' as const, content: 'Grüß Gott! 👋' }] };

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('mistral')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

const client = ({ baseUrl, key }: Target): Mistral => new Mistral({ serverURL: baseUrl, apiKey: key });
const virtual = (): Mistral => client(scenario.target(scenario.keys.virtual));
const vendor = (path: string, answer: Parameters<typeof scenario.vendor.on>[2], method = 'POST'): void =>
  void scenario.vendor.on(method, `/v1/${path}`, answer);

async function read(mistral: Mistral): Promise<{ text: string; totalTokens: number | undefined }> {
  let text = '';
  let totalTokens: number | undefined;
  for await (const { data } of await mistral.chat.stream(ASK)) {
    const content = data.choices[0]?.delta.content;
    if (typeof content === 'string') text += content;
    totalTokens = data.usage?.totalTokens ?? totalTokens;
  }
  return { text, totalTokens };
}

describe.each(AUTH_METHODS)('%s', (name) => {
  const wayIn = () => scenario.authMethod(name);

  it("Mistral's SDK receives a chat response below the v1/ that it adds to the base URL", async () => {
    vendor('chat/completions', replay('mistral', 'chat.json'));
    const answer = await client(wayIn().target).chat.complete(ASK);
    expect(answer.choices[0]?.message?.content).toBe('Grüß Gott!');
    expect(answer.usage).toMatchObject({ promptTokens: 16, completionTokens: 34, totalTokens: 50 });
    expect(scenario.sent.last().url).toBe(`${wayIn().target.baseUrl}/v1/chat/completions`);
    const arrived = scenario.arrived();
    expect(arrived.line).toBe('POST /v1/chat/completions');
    expect(arrived.credentials).toEqual({ authorization: `Bearer ${wayIn().providerKey}` });
    expect(arrived.headers).not.toHaveProperty('cookie');
    expect(arrived.body).toEqual({ ...ASK, stream: false });
    await scenario.expectMetered(wayIn(), 'chat.json', { operation: 'chat', requestedModel: MODEL });
  });

  it("Mistral's SDK receives a chat stream without stream_options in the request", async () => {
    vendor('chat/completions', replay('mistral', 'chat-stream.sse'));
    expect(await read(client(wayIn().target))).toEqual({ text: 'Grüß Gott!', totalTokens: 20 });
    expect(scenario.arrived().body).toEqual({ ...ASK, stream: true });
    await scenario.expectMetered(wayIn(), 'chat-stream.sse', { operation: 'chat', requestedModel: MODEL });
  });

  it("Mistral's SDK receives embeddings", async () => {
    vendor('embeddings', replay('mistral', 'embeddings.json'));
    const { data } = await client(wayIn().target).embeddings.create({ model: 'mistral-embed', inputs: ['eins'] });
    expect(data[0]?.embedding?.[0]).toBe(-0.0165863037109375);
    expect(scenario.arrived().body).toMatchObject({ model: 'mistral-embed', input: ['eins'] });
    await scenario.expectMetered(wayIn(), 'embeddings.json', { operation: 'embeddings' });
  });

  it("Mistral's SDK lists models", async () => {
    vendor('models', replay('mistral', 'models.json'), 'GET');
    const { data } = await client(wayIn().target).models.list();
    expect(data).toMatchObject([{ id: MODEL }]);
    expect(scenario.arrived().line).toBe('GET /v1/models');
  });

  it("a stream that Mistral's SDK aborts is canceled at the provider and recorded as client_aborted", async () => {
    const open = openStream('mistral', 'chat-stream.sse', 2);
    vendor('chat/completions', open.answer);
    const abort = new AbortController();
    const stream = await client(wayIn().target).chat.stream(ASK, { fetchOptions: { signal: abort.signal } });
    const error = await rejection(
      (async () => {
        for await (const { data } of stream) if (data.choices[0]?.delta.content) abort.abort();
      })(),
    );
    expect(error.name).toBe('AbortError');
    await open.closed;
    expect(await scenario.record()).toMatchObject({
      ...wayIn().record,
      outcome: 'client_aborted',
      streaming: true,
    });
  });

  it("Mistral's SDK throws a ZodError when the provider's connection breaks in mid-stream", async () => {
    vendor('chat/completions', dying('mistral', 'chat-stream.sse', 3));
    const error = await rejection(read(client(wayIn().target)));
    expect(error.name).toBe('ZodError');
    expect(scenario.vendor.started).toBe(1);
    expect(await scenario.record()).toMatchObject({
      ...wayIn().record,
      outcome: 'error',
      errorCode: 'upstream_unreachable',
    });
  });
});

it.each(REFUSALS)(
  "the refusal for $name is an SDKError of Mistral's SDK with the gateway's message",
  async (refusal) => {
    const { status, code } = refusal;
    const error = await rejection(client(refusal.target(scenario)).chat.complete(ASK));
    expect(error).toMatchObject({ name: 'SDKError', statusCode: status });
    const message = refusal.sentence(scenario, { providerName: 'Mistral', model: MODEL });
    expect(JSON.parse(error.body)).toMatchObject({ error: { message, code } });
    expect(error.message).toContain(`Status ${status} `);
    expect(error.message).toContain(JSON.stringify(message));
    await expectRefused(scenario, refusal);
    expect(error.headers.get('x-request-id')).toBe((await scenario.record()).requestId);
  },
);

it.each([400, 429, 500])("a provider error %i reaches Mistral's SDK unchanged without a retry", async (status) => {
  vendor('chat/completions', replay('mistral', 'error.json', status, { 'retry-after': '1' }));
  const error = await rejection(virtual().chat.complete(ASK));
  expect(error).toMatchObject({ name: 'SDKError', statusCode: status, body: wire('mistral', 'error.json').toString() });
  expect(error.message).toContain(wireJson('mistral', 'error.json').message);
  expect(error.headers.get('retry-after')).toBe('1');
  expect(scenario.vendor.started).toBe(1);
  expect(await scenario.record()).toMatchObject({ status, outcome: 'upstream_error', errorCode: null });
});
