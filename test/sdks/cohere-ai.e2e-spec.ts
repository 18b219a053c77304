/** Promise: Cohere's own SDK works against the gateway as against Cohere, to the end of a stream that fails. */
import { CohereClientV2, CohereError, type Cohere } from 'cohere-ai';
import { dying, inTurn, openStream, replay, wireJson } from '../support/providers/recorded-responses.js';
import { BROKEN_OFF, expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

const MODEL = 'command-a-03-2025';
const ASK = { model: MODEL, messages: [{ role: 'user' as const, content: 'Grüß Gott! 👋' }] };
const ONCE = { maxRetries: 0 };

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('cohere')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

const client = ({ baseUrl, key }: Target): CohereClientV2 => new CohereClientV2({ token: key, environment: baseUrl });
const virtual = (): CohereClientV2 => client(scenario.target(scenario.keys.virtual));
const vendor = (path: string, answer: Parameters<typeof scenario.vendor.on>[2], method = 'POST'): void =>
  void scenario.vendor.on(method, path, answer);

async function read(cohere: CohereClientV2): Promise<{ text: string; last: Cohere.V2ChatStreamResponse | undefined }> {
  let text = '';
  let last: Cohere.V2ChatStreamResponse | undefined;
  for await (const event of await cohere.chatStream(ASK)) {
    if (event.type === 'content-delta') text += event.delta?.message?.content?.text ?? '';
    last = event;
  }
  return { text, last };
}

describe.each(AUTH_METHODS)('%s', (name) => {
  const wayIn = () => scenario.authMethod(name);

  it("Cohere's SDK receives a chat response", async () => {
    vendor('/v2/chat', replay('cohere', 'chat.json'));
    const { data, rawResponse } = await client(wayIn().target).chat(ASK).withRawResponse();
    expect(data.message?.content).toEqual([{ type: 'text', text: 'Grüß Gott!' }]);
    expect(data.usage?.billedUnits).toEqual({ inputTokens: 17, outputTokens: 12 });
    const arrived = scenario.arrived();
    expect(arrived.line).toBe('POST /v2/chat');
    expect(arrived.credentials).toEqual({ authorization: `Bearer ${wayIn().providerKey}` });
    expect(arrived.body).toEqual({ ...ASK, stream: false });
    await scenario.expectMetered(wayIn(), 'chat.json', { operation: 'chat', requestedModel: MODEL });
    expect(rawResponse.headers.get('x-request-id')).toBe((await scenario.record()).requestId);
  });

  it("Cohere's SDK receives a chat stream", async () => {
    vendor('/v2/chat', replay('cohere', 'chat-stream.sse'));
    const { text, last } = await read(client(wayIn().target));
    expect(text).toBe('Grüß Gott! 👋');
    expect(last).toMatchObject({
      type: 'message-end',
      delta: { finishReason: 'COMPLETE', usage: { cachedTokens: 5 } },
    });
    expect(scenario.arrived().body).toEqual({ ...ASK, stream: true });
    await scenario.expectMetered(wayIn(), 'chat-stream.sse', { operation: 'chat', requestedModel: MODEL });
  });

  it("Cohere's SDK receives embeddings", async () => {
    vendor('/v2/embed', replay('cohere', 'embeddings.json'));
    const params = { model: 'embed-v4.0', texts: ['hello'], inputType: 'search_query', embeddingTypes: ['float'] };
    const { embeddings } = await client(wayIn().target).embed(params as Cohere.V2EmbedRequest);
    expect(embeddings.float?.[0]?.[0]).toBe(0.016296387);
    expect(scenario.arrived().line).toBe('POST /v2/embed');
    await scenario.expectMetered(wayIn(), 'embeddings.json', { operation: 'embeddings', requestedModel: 'embed-v4.0' });
  });

  it("Cohere's SDK receives a ranking", async () => {
    vendor('/v2/rerank', replay('cohere', 'rerank.json'));
    const params = { model: 'rerank-v3.5', query: 'gate', documents: ['a', 'b', 'c', 'd'] };
    const { results } = await client(wayIn().target).rerank(params);
    expect(results.map(({ index }) => index)).toEqual([3, 0]);
    expect(scenario.arrived().body).toEqual(params);
    expect(await scenario.record()).toMatchObject({ ...wayIn().record, operation: 'rerank', status: 200 });
  });

  it("Cohere's SDK lists models", async () => {
    vendor('/v1/models', replay('cohere', 'models.json'), 'GET');
    const { models } = await client(wayIn().target).models.list();
    expect(models.map((model) => model.name)).toEqual(['command-a-03-2025', 'embed-v4.0']);
    expect(scenario.arrived().line).toBe('GET /v1/models');
  });

  it("a stream that Cohere's SDK aborts is canceled at the provider and recorded as client_aborted", async () => {
    const open = openStream('cohere', 'chat-stream.sse', 3);
    vendor('/v2/chat', open.answer);
    const abort = new AbortController();
    const stream = await client(wayIn().target).chatStream(ASK, { abortSignal: abort.signal });
    const error = await rejection(
      (async () => {
        for await (const event of stream) if (event.type === 'content-delta') abort.abort();
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

  it("a broken provider connection ends the stream with finishReason ERROR, and Cohere's SDK throws", async () => {
    vendor('/v2/chat', dying('cohere', 'chat-stream.sse', 3));
    const seen: unknown[] = [];
    const error = await rejection(
      (async () => {
        for await (const event of await client(wayIn().target).chatStream(ASK)) seen.push(event);
      })(),
    );
    expect(error.message).toBe('terminated');
    expect(seen.at(-1)).toMatchObject({ type: 'message-end', delta: { finishReason: 'ERROR', error: BROKEN_OFF } });
    expect(scenario.vendor.started).toBe(1);
    expect(await scenario.record()).toMatchObject({
      ...wayIn().record,
      outcome: 'error',
      errorCode: 'upstream_unreachable',
    });
  });
});

describe('refusals of the gateway', () => {
  const names: Record<number, string> = { 400: 'BadRequestError', 401: 'UnauthorizedError', 403: 'ForbiddenError' };

  it.each(REFUSALS)(
    "the refusal for $name is an exception class of Cohere's SDK with the gateway's message",
    async (refusal) => {
      const { status, code } = refusal;
      const error = await rejection(client(refusal.target(scenario)).chat(ASK));
      expect(error).toBeInstanceOf(CohereError);
      const message = refusal.sentence(scenario, { providerName: 'Cohere', model: MODEL });
      expect(error).toMatchObject({ name: names[status], statusCode: status, body: { message } });
      expect(error.message).toContain(JSON.stringify(message));
      expect(error.rawResponse.headers.get('x-gateway-error')).toBe(code);
      await expectRefused(scenario, refusal);
      expect(error.body.id).toBe((await scenario.record()).requestId);
    },
  );
});

describe('errors of the provider', () => {
  const recorded = wireJson('cohere', 'error.json');

  it.each([
    [400, 'BadRequestError'],
    [404, 'NotFoundError'],
    [429, 'TooManyRequestsError'],
    [500, 'InternalServerError'],
  ])(
    "a provider error %i reaches Cohere's SDK unchanged, without a retry when maxRetries is 0",
    async (status, errorName) => {
      vendor('/v2/chat', replay('cohere', 'error.json', status));
      const error = await rejection(virtual().chat(ASK, ONCE));
      expect(error).toBeInstanceOf(CohereError);
      expect(error).toMatchObject({ name: errorName, statusCode: status, body: recorded });
      expect(scenario.vendor.started).toBe(1);
      expect(await scenario.record()).toMatchObject({ status, outcome: 'upstream_error', errorCode: null });
    },
  );

  it("Cohere's SDK retries after retry-after and succeeds", async () => {
    const limited = replay('cohere', 'error.json', 429, { 'retry-after': '1' });
    vendor('/v2/chat', inTurn(limited, replay('cohere', 'chat.json')));
    expect((await virtual().chat(ASK)).finishReason).toBe('COMPLETE');
    expect(scenario.vendor.started).toBe(2);
  });

  it("an error event in a stream reaches Cohere's SDK with finishReason ERROR", async () => {
    vendor('/v2/chat', replay('cohere', 'stream-error.sse'));
    const { last } = await read(virtual());
    expect(last).toMatchObject({ delta: { finishReason: 'ERROR', error: 'the model failed' } });
    expect(await scenario.record()).toMatchObject({ status: 200, outcome: 'upstream_error', streaming: true });
  });
});
