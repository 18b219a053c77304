/** Promise: Ollama's own package works against the gateway as against Ollama, to the end of a stream that fails. */
import { Ollama } from 'ollama';
import { dying, openStream, replay, wireJson } from '../support/providers/recorded-responses.js';
import { BROKEN_OFF, expectRefused, rejection, REFUSALS } from '../support/gateway/scenario-refusals.js';
import { Scenario, AUTH_METHODS, type Target } from '../support/gateway/scenario.js';

const MODEL = 'llama3.2:3b';
const messages = [{ role: 'user', content: 'Grüß Gott! 👋' }];

let scenario: Scenario;
beforeAll(async () => void (scenario = await Scenario.start('ollama')));
afterAll(() => scenario.close());
beforeEach(() => scenario.forget());

const client = ({ baseUrl, key }: Target): Ollama =>
  new Ollama({ host: baseUrl, ...(key ? { headers: { authorization: `Bearer ${key}` } } : {}) });
const virtual = (): Ollama => client(scenario.target(scenario.keys.virtual));
const vendor = (path: string, answer: Parameters<typeof scenario.vendor.on>[2], method = 'POST'): void =>
  void scenario.vendor.on(method, path, answer);

async function read(ollama: Ollama): Promise<{ text: string; isDone: boolean }> {
  let text = '';
  let isDone = false;
  for await (const part of await ollama.chat({ model: MODEL, messages, stream: true })) {
    text += part.message.content;
    isDone = part.done;
  }
  return { text, isDone };
}

describe.each(AUTH_METHODS)('%s', (name) => {
  const wayIn = () => scenario.authMethod(name);

  it("Ollama's package receives a chat response", async () => {
    vendor('/api/chat', replay('ollama', 'chat.json'));
    const { message, eval_count } = await client(wayIn().target).chat({ model: MODEL, messages });
    expect([message.content, eval_count]).toEqual(['Hello there.', 4]);
    const arrived = scenario.arrived();
    expect(arrived.line).toBe('POST /api/chat');
    expect(arrived.credentials).toEqual({ authorization: `Bearer ${wayIn().providerKey}` });
    await scenario.expectMetered(wayIn(), 'chat.json', { operation: 'chat', requestedModel: MODEL });
  });

  it("Ollama's package receives a chat stream", async () => {
    vendor('/api/chat', replay('ollama', 'chat-stream.ndjson'));
    expect(await read(client(wayIn().target))).toEqual({ text: 'Hello there, wörld!', isDone: true });
    await scenario.expectMetered(wayIn(), 'chat-stream.ndjson', { operation: 'chat', requestedModel: MODEL });
  });

  it("Ollama's package receives tool calls in a stream", async () => {
    vendor('/api/chat', replay('ollama', 'chat-tools-stream.ndjson'));
    const calls: unknown[] = [];
    for await (const part of await client(wayIn().target).chat({ model: MODEL, messages, stream: true }))
      for (const call of part.message.tool_calls ?? []) calls.push(call.function);
    expect(calls).toEqual([{ name: 'get_weather', arguments: { city: 'Paris' } }]);
    await scenario.expectMetered(wayIn(), 'chat-tools-stream.ndjson', { operation: 'chat' });
  });

  it("Ollama's package generates text, whole and streamed", async () => {
    vendor('/api/generate', replay('ollama', 'generate.json'));
    expect((await client(wayIn().target).generate({ model: MODEL, prompt: 'Why?' })).response).toBe('Blue.');
    await scenario.expectMetered(wayIn(), 'generate.json', { operation: 'text_completion', requestedModel: MODEL });
    vendor('/api/generate', replay('ollama', 'generate-stream.ndjson'));
    let text = '';
    const stream = await client(wayIn().target).generate({ model: MODEL, prompt: 'Why?', stream: true });
    for await (const { response } of stream) text += response;
    expect(text).toBe('The sky');
    await scenario.expectMetered(wayIn(), 'generate-stream.ndjson', { operation: 'text_completion' });
  });

  it("Ollama's package receives embeddings by /api/embed and /api/embeddings", async () => {
    vendor('/api/embed', replay('ollama', 'embed.json'));
    const { embeddings } = await client(wayIn().target).embed({ model: 'all-minilm', input: ['a', 'b'] });
    expect(embeddings).toHaveLength(2);
    await scenario.expectMetered(wayIn(), 'embed.json', { operation: 'embeddings', requestedModel: 'all-minilm' });
    vendor('/api/embeddings', replay('ollama', 'embeddings.json'));
    expect((await client(wayIn().target).embeddings({ model: 'all-minilm', prompt: 'a' })).embedding).toHaveLength(2);
    expect(await scenario.record()).toMatchObject({ operation: 'embeddings', estimated: true, outcome: 'success' });
  });

  it("Ollama's package lists and shows models and reads the version", async () => {
    vendor('/api/tags', replay('ollama', 'tags.json'), 'GET');
    vendor('/api/version', replay('ollama', 'error.json'), 'GET');
    vendor('/api/show', replay('ollama', 'tags.json'));
    const ollama = client(wayIn().target);
    expect((await ollama.list()).models.map(({ model }) => model)).toEqual([MODEL]);
    await ollama.show({ model: MODEL });
    await ollama.version();
    expect(scenario.vendor.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      ...['GET /api/tags', 'POST /api/show', 'GET /api/version'],
    ]);
    const operations = (await scenario.records()).slice(0, 3).map(({ operation }) => operation as string);
    expect(operations).toEqual(['show_version', 'show_model', 'list_models']);
  });

  it("a stream that Ollama's package aborts is canceled at the provider and recorded as client_aborted", async () => {
    const open = openStream('ollama', 'chat-stream.ndjson', 2);
    vendor('/api/chat', open.answer);
    const stream = await client(wayIn().target).chat({ model: MODEL, messages, stream: true });
    const error = await rejection(
      (async () => {
        for await (const part of stream) if (part.message.content !== '') stream.abort();
      })(),
    );
    expect(error.name).toBe('AbortError');
    await open.closed;
    expect(await scenario.record()).toMatchObject({ outcome: 'client_aborted', streaming: true });
  });

  it("Ollama's package throws the reason of a broken provider connection in mid-stream", async () => {
    vendor('/api/chat', dying('ollama', 'chat-stream.ndjson', 2));
    const error = await rejection(read(client(wayIn().target)));
    expect(error.message).toBe(BROKEN_OFF);
    expect(await scenario.record()).toMatchObject({ outcome: 'error', errorCode: 'upstream_unreachable' });
  });
});

it("an error in a stream reaches Ollama's package in the provider's words", async () => {
  vendor('/api/chat', replay('ollama', 'stream-error.ndjson'));
  const error = await rejection(read(virtual()));
  expect(error.message).toContain('running the model');
  expect(await scenario.record()).toMatchObject({ outcome: 'upstream_error', status: 200 });
});

it("an error of the provider reaches Ollama's package unchanged", async () => {
  vendor('/api/chat', replay('ollama', 'error.json', 404));
  const error = await rejection(virtual().chat({ model: 'llama9', messages }));
  expect([error['status_code'], error.message]).toEqual([404, wireJson('ollama', 'error.json').error]);
});

describe('refusals of the gateway', () => {
  it.each(REFUSALS)(
    "the refusal for $name is an error of Ollama's package with the gateway's message",
    async (refusal) => {
      const error = await rejection(client(refusal.target(scenario)).chat({ model: MODEL, messages }));
      const told = { providerName: 'Ollama', model: MODEL };
      expect([error['status_code'], error.message]).toEqual([refusal.status, refusal.sentence(scenario, told)]);
      await expectRefused(scenario, refusal);
    },
  );

  it('a stored key cannot delete models of the server', async () => {
    const error = await rejection(virtual().delete({ model: MODEL }));
    expect(error['status_code']).toBe(403);
    expect(scenario.vendor.started).toBe(0);
  });
});
