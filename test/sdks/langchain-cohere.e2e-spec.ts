/** Promise: LangChain's Cohere package, which speaks version 1, works against the gateway as against Cohere. */
import { ChatCohere, CohereEmbeddings, CohereRerank } from '@langchain/cohere';
import { CohereClient } from 'cohere-ai';
import { dying, replay, wireJson } from '../support/providers/recorded-responses.js';
import { expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

const MODEL = 'command-a-03-2025';
const ASK = 'Hello';

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('cohere')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

const sdk = ({ baseUrl, key }: Target): CohereClient => new CohereClient({ token: key, environment: baseUrl });
// LangChain depends on a version of the SDK of its own, whose class is a different type of the same shape.
const options = (target: Target) => ({ client: sdk(target) as never, maxRetries: 0 });
const chat = (target: Target, more: object = {}): ChatCohere =>
  new ChatCohere({ model: MODEL, ...options(target), ...more });
const virtual = (): Target => scenario.target(scenario.keys.virtual);
const vendor = (path: string, answer: Parameters<typeof scenario.vendor.on>[2]): void =>
  void scenario.vendor.on('POST', path, answer);

describe.each(AUTH_METHODS)('%s', (name) => {
  const wayIn = () => scenario.authMethod(name);

  it("LangChain's ChatCohere receives a chat response", async () => {
    vendor('/v1/chat', replay('cohere', 'v1-chat.json'));
    const answer = await chat(wayIn().target).invoke(ASK);
    expect(answer.content).toBe('Hello! How can I help?');
    expect(answer.usage_metadata).toMatchObject({ output_tokens: 12 });
    const arrived = scenario.arrived();
    expect(arrived.line).toBe('POST /v1/chat');
    expect(arrived.credentials).toEqual({ authorization: `Bearer ${wayIn().providerKey}` });
    await scenario.expectMetered(wayIn(), 'v1-chat.json', { operation: 'chat', requestedModel: MODEL });
  });

  it("LangChain's ChatCohere receives a chat stream", async () => {
    vendor('/v1/chat', replay('cohere', 'v1-chat-stream.ndjson'));
    let text = '';
    for await (const chunk of await chat(wayIn().target, { streaming: true }).stream(ASK)) text += chunk.text;
    expect(text).toBe('Hello! How can I help?');
    await scenario.expectMetered(wayIn(), 'v1-chat-stream.ndjson', { operation: 'chat', requestedModel: MODEL });
  });

  it('LangChain receives embeddings and rankings of Cohere', async () => {
    vendor('/v1/embed', replay('cohere', 'v1-embed.json'));
    const embeddings = new CohereEmbeddings({ model: 'embed-v4.0', ...options(wayIn().target) });
    expect(await embeddings.embedQuery('hello')).toEqual([0.016, 0.008]);
    await scenario.expectMetered(wayIn(), 'v1-embed.json', { operation: 'embeddings' });
    vendor('/v1/rerank', replay('cohere', 'rerank.json'));
    const rerank = new CohereRerank({ model: 'rerank-v3.5', ...options(wayIn().target) });
    expect((await rerank.rerank(['a', 'b', 'c', 'd'], 'gate')).map(({ index }) => index)).toEqual([3, 0]);
    expect(await scenario.record()).toMatchObject({ ...wayIn().record, operation: 'rerank', status: 200 });
  });

  it("Cohere's SDK counts tokens at no cost", async () => {
    vendor('/v1/tokenize', replay('cohere', 'v1-tokenize.json'));
    const { tokens } = await sdk(wayIn().target).tokenize({ model: MODEL, text: 'Hello,' });
    expect(tokens).toHaveLength(2);
    expect(await scenario.record()).toMatchObject({ operation: 'count_tokens', inputTokens: 0, costUsd: 0 });
  });
});

it("a request without a model calls, checks and prices Cohere's default model", async () => {
  vendor('/v1/chat', replay('cohere', 'v1-chat.json'));
  await sdk(virtual()).chat({ message: ASK });
  const model = 'command-r-plus-08-2024';
  expect(JSON.parse(scenario.vendor.received[0]!.body.toString())).toEqual({ message: ASK, stream: false, model });
  const record = await scenario.record();
  expect(record).toMatchObject({ requestedModel: model, inputTokens: 5, outputTokens: 12 });
  expect(record.costUsd).toBeGreaterThan(0);
});

it("a broken provider connection ends the stream with finishReason ERROR, and Cohere's SDK throws", async () => {
  vendor('/v1/chat', dying('cohere', 'v1-chat-stream.ndjson', 3));
  const seen: unknown[] = [];
  const error = await rejection(
    (async () => {
      for await (const event of await sdk(virtual()).chatStream({ model: MODEL, message: ASK })) seen.push(event);
    })(),
  );
  expect(error.message).toBe('terminated');
  expect(seen.at(-1)).toMatchObject({ eventType: 'stream-end', finishReason: 'ERROR' });
  expect(await scenario.record()).toMatchObject({ outcome: 'error', errorCode: 'upstream_unreachable' });
});

it("an error of the provider reaches Cohere's SDK unchanged", async () => {
  vendor('/v1/chat', replay('cohere', 'error.json', 404));
  const error = await rejection(sdk(virtual()).chat({ model: 'x', message: ASK }, { maxRetries: 0 }));
  expect([error['statusCode'], error['body']]).toEqual([404, wireJson('cohere', 'error.json')]);
});

it.each(REFUSALS)("the refusal for $name is an error of Cohere's SDK with the gateway's message", async (refusal) => {
  const client = sdk(refusal.target(scenario));
  const error = await rejection(client.chat({ model: MODEL, message: ASK }, { maxRetries: 0 }));
  const message = refusal.sentence(scenario, { providerName: 'Cohere', model: MODEL });
  expect([error['statusCode'], error['body'].message]).toEqual([refusal.status, message]);
  await expectRefused(scenario, refusal);
});
