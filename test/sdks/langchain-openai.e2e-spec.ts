/** Promise: LangChain's OpenAI models work against the gateway as against OpenAI. */
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import OpenAI from 'openai';
import { dying, openStream, packedEmbeddings, replay, wireJson } from '../support/providers/recorded-responses.js';
import { BROKEN_OFF, expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

const MODEL = 'gpt-5.4';
const ASK = 'Grüß Gott! 👋';
const BODY = { model: MODEL, messages: [{ role: 'user', content: ASK }] };

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('openai')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

// LangChain requires a key, so one is removed from the request.
const withoutKey: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.delete('authorization');
  return fetch(input, { ...init, headers });
};
const options = ({ baseUrl, key }: Target) => ({
  apiKey: key || 'unused',
  configuration: { baseURL: baseUrl, ...(key ? {} : { fetch: withoutKey }) },
});
const chat = (target: Target, more: object = {}): ChatOpenAI =>
  new ChatOpenAI({ model: MODEL, ...options(target), ...more });
const virtual = (more: object = {}): ChatOpenAI => chat(scenario.target(scenario.keys.virtual), more);
const vendor = (path: string, answer: Parameters<typeof scenario.vendor.on>[2]): void =>
  void scenario.vendor.on('POST', `/v1/${path}`, answer);

describe.each(AUTH_METHODS)('%s', (name) => {
  const wayIn = () => scenario.authMethod(name);

  it("LangChain's ChatOpenAI receives a chat completion", async () => {
    vendor('chat/completions', replay('openai', 'chat.json'));
    const answer = await chat(wayIn().target).invoke(ASK);
    expect(answer.content).toBe('Grüß Gott! The gate is open: “welcome” 👋');
    expect(answer.usage_metadata).toMatchObject({
      input_tokens: 57,
      output_tokens: 18,
      input_token_details: { cache_read: 32 },
    });
    const arrived = scenario.arrived();
    expect(arrived.line).toBe('POST /v1/chat/completions');
    expect(arrived.credentials).toEqual({ authorization: `Bearer ${wayIn().providerKey}` });
    expect(arrived.body).toEqual({ ...BODY, stream: false });
    await scenario.expectMetered(wayIn(), 'chat.json', { operation: 'chat', requestedModel: MODEL });
  });

  it("LangChain's ChatOpenAI receives a chat stream", async () => {
    vendor('chat/completions', replay('openai', 'chat-stream.sse'));
    let text = '';
    let outputTokens = 0;
    for await (const chunk of await chat(wayIn().target).stream(ASK)) {
      text += chunk.text;
      outputTokens += chunk.usage_metadata?.output_tokens ?? 0;
    }
    expect([text, outputTokens]).toEqual(['Grüß Gott! The gate says \\"usage\\": {\n 👋 data: [].', 24]);
    expect(scenario.arrived().body).toEqual({ ...BODY, stream: true, stream_options: { include_usage: true } });
    await scenario.expectMetered(wayIn(), 'chat-stream.sse', { operation: 'chat', requestedModel: MODEL });
  });

  it("LangChain's ChatOpenAI receives a response of the Responses API", async () => {
    vendor('responses', replay('openai', 'responses.json'));
    const answer = await chat(wayIn().target, { useResponsesApi: true }).invoke(ASK);
    expect(answer.text).toBe('Servus, Welt');
    expect(answer.usage_metadata).toMatchObject({ output_token_details: { reasoning: 20 } });
    expect(scenario.arrived().line).toBe('POST /v1/responses');
    await scenario.expectMetered(wayIn(), 'responses.json', { requestedModel: MODEL });
  });

  it("LangChain's OpenAIEmbeddings receives embeddings in base64", async () => {
    vendor('embeddings', packedEmbeddings());
    const embeddings = new OpenAIEmbeddings({ model: 'text-embedding-3-small', ...options(wayIn().target) });
    const [, second] = await embeddings.embedDocuments(['eins', 'zwei']);
    expect(second![0]).toBeCloseTo(0.0023064255, 8);
    expect(scenario.arrived().body).toMatchObject({ input: ['eins', 'zwei'], encoding_format: 'base64' });
    await scenario.expectMetered(wayIn(), 'embeddings.json', { operation: 'embeddings' });
  });

  it('a stream that LangChain aborts is canceled at the provider and recorded as client_aborted', async () => {
    const open = openStream('openai', 'chat-stream.sse', 3);
    vendor('chat/completions', open.answer);
    const abort = new AbortController();
    const stream = await chat(wayIn().target).stream(ASK, { signal: abort.signal });
    await rejection(
      (async () => {
        for await (const chunk of stream) if (chunk.text) abort.abort();
      })(),
    );
    await open.closed;
    expect(await scenario.record()).toMatchObject({ ...wayIn().record, outcome: 'client_aborted', streaming: true });
  });

  it("LangChain throws an APIError when the provider's connection breaks in mid-stream", async () => {
    vendor('chat/completions', dying('openai', 'chat-stream.sse', 3));
    const stream = await chat(wayIn().target).stream(ASK);
    const error = await rejection(
      (async () => {
        for await (const _ of stream);
      })(),
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ message: BROKEN_OFF, code: 'upstream_unreachable' });
    expect(scenario.vendor.started).toBe(1);
    expect(await scenario.record()).toMatchObject({ ...wayIn().record, outcome: 'error' });
  });
});

it.each(REFUSALS)(
  "the refusal for $name reaches LangChain with the gateway's message without a retry",
  async (refusal) => {
    const { status, code } = refusal;
    const classes: Record<number, unknown> = {
      400: OpenAI.BadRequestError,
      401: OpenAI.AuthenticationError,
      403: OpenAI.PermissionDeniedError,
    };
    const error = await rejection(chat(refusal.target(scenario)).invoke(ASK));
    expect(error).toBeInstanceOf(classes[status]);
    // LangChain appends the address of a page of its own.
    const [message] = error.message.split('\n');
    expect(message).toBe(`${status} ${refusal.sentence(scenario, { providerName: 'OpenAI', model: MODEL })}`);
    expect(error.code).toBe(code);
    await expectRefused(scenario, refusal);
    expect(error.requestID).toBe((await scenario.record()).requestId);
  },
);

it.each([
  [400, OpenAI.BadRequestError],
  [429, OpenAI.RateLimitError],
  [500, OpenAI.InternalServerError],
])("a provider error %i reaches LangChain in the provider's words", async (status, type) => {
  vendor('chat/completions', replay('openai', 'error.json', status));
  const error = await rejection(virtual({ maxRetries: 0 }).invoke(ASK));
  expect(error).toBeInstanceOf(type);
  expect(error.message).toMatch(`${status} ${wireJson('openai', 'error.json').error.message}`);
  expect(scenario.vendor.started).toBe(1);
  expect(await scenario.record()).toMatchObject({ status, outcome: 'upstream_error', errorCode: null });
});
