/** Ollama's own API: addresses, servers, policies, limits, and the ends of its streams. */
import { FakeProvider, json } from '../../support/providers/fake-provider.js';
import { dying, replay, wire, wireJson } from '../../support/providers/recorded-responses.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';
import type { WireResponse } from '../../support/http/wire-client.js';

const MODEL = 'llama3.2:3b';
const JSON_TYPE = ['content-type', 'application/json'] as const;
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
const messages = [{ role: 'user', content: 'Hi' }];

let stage: Stage;
let fake: FakeProvider;
beforeAll(async () => {
  stage = await startStage();
  fake = await FakeProvider.start();
}, 60_000);
afterAll(async () => {
  await stage.close();
  await fake.close();
});
beforeEach(() => fake.forget());

async function keyFor(over: object, more: object = {}): Promise<string> {
  const made = { name: 'ours', provider: 'ollama', scope: 'org', ...over };
  const { id } = await stage.gateway.admin.create('/api/llm-provider-api-keys', made);
  return (await stage.virtualKey({ providerApiKeys: [{ provider: 'ollama', providerApiKeyId: id }], ...more })).value;
}

const call = (key: string, path: string, body: object, proxyId = ''): Promise<WireResponse> =>
  stage.wire.call(
    'POST',
    `/v1/ollama/${proxyId && `${proxyId}/`}${path}`,
    [bearer(key), JSON_TYPE],
    JSON.stringify(body),
  );

it.each(['', '/', '/v1', '/v1/', '/below', '/below/v1'])(
  'a base URL of Ollama that ends with "%s" serves its own paths and OpenAI\'s',
  async (end) => {
    const base = end.startsWith('/below') ? '/below' : '';
    const key = await keyFor({ baseUrl: fake.url + end });
    fake.on('POST', `${base}/api/chat`, replay('ollama', 'chat.json'));
    fake.on('POST', `${base}/v1/chat/completions`, replay('openai', 'chat.json'));
    fake.on('GET', `${base}/v1/models`, replay('openai', 'models.json'));
    expect((await call(key, 'api/chat', { model: MODEL, messages, stream: false })).status).toBe(200);
    for (const path of ['chat/completions', 'v1/chat/completions'])
      expect((await call(key, path, { model: MODEL, messages })).status).toBe(200);
    expect((await stage.wire.call('GET', '/v1/ollama/models', [bearer(key)])).status).toBe(200);
    const router = await stage.wire.call(
      'POST',
      '/v1/model-router/chat/completions',
      [bearer(key), JSON_TYPE],
      JSON.stringify({ model: `ollama:${MODEL}`, messages }),
    );
    expect(router.status).toBe(200);
    expect(fake.received.filter(({ method }) => method === 'POST').map(({ url }) => url)).toEqual([
      ...[`${base}/api/chat`, ...new Array<string>(3).fill(`${base}/v1/chat/completions`)],
    ]);
  },
);

it('a key with several Ollama servers routes by model and lists the models of all servers', async () => {
  const other = await FakeProvider.start();
  const key = await keyFor({
    servers: [
      { baseUrl: `${fake.url}/v1`, models: ['llama*'] },
      { baseUrl: other.url, models: ['qwen*', 'all-*'] },
    ],
  });
  const tags = (...names: string[]): object => ({ models: names.map((name) => ({ name, model: name, size: 1 })) });
  fake.on('GET', '/api/tags', json(200, tags(MODEL, 'qwen3:8b')));
  other.on('GET', '/api/tags', json(200, tags('qwen3:8b', 'all-minilm', MODEL)));
  for (const server of [fake, other]) {
    server.on('POST', '/api/chat', replay('ollama', 'chat-stream.ndjson'));
    server.on('POST', '/api/show', json(200, { details: {} }));
    server.on('GET', '/api/version', json(200, { version: '0.13.0' }));
  }
  const list = await stage.wire.call('GET', '/v1/ollama/api/tags', [bearer(key)]);
  expect((list.json.models as { name: string }[]).map(({ name }) => name)).toEqual([MODEL, 'qwen3:8b', 'all-minilm']);
  [fake, other].forEach((server) => server.forget());
  expect((await call(key, 'api/chat', { model: 'qwen3:8b', messages })).status).toBe(200);
  expect((await call(key, 'api/show', { model: 'all-minilm' })).status).toBe(200);
  expect([fake.received.length, other.received.length]).toEqual([0, 2]);
  expect((await stage.wire.call('GET', '/v1/ollama/api/version', [bearer(key)])).json).toEqual({ version: '0.13.0' });
  const unknown = await call(key, 'api/chat', { model: 'mistral', messages });
  expect([unknown.status, unknown.headers['x-gateway-error']]).toEqual([404, 'model_not_found']);
  expect(unknown.json).toEqual({ error: expect.stringContaining('"mistral"') as unknown });
  await other.close();
});

describe("policies and limits for Ollama's own API", () => {
  it('a policy checks model and output limit of an Ollama request', async () => {
    const key = await keyFor({ baseUrl: fake.url });
    fake.on('POST', '/api/generate', replay('ollama', 'generate.json'));
    const proxyId = await stage.llmProxy({ policy: { allowedModels: ['llama*'], maxOutputTokens: 100 } });
    const ask = (body: object): Promise<WireResponse> => call(key, 'api/generate', { prompt: 'Hi', ...body }, proxyId);
    expect((await ask({ model: MODEL, options: { num_predict: 100 } })).status).toBe(200);
    for (const body of [{ model: MODEL, options: { num_predict: 101 } }, { model: 'qwen3:8b' }, {}]) {
      const refused = await ask(body);
      expect([refused.status, refused.headers['x-gateway-error']]).toEqual([403, 'policy_denied']);
      expect(Object.keys(refused.json as object)).toEqual(['error']);
    }
    expect(fake.received).toHaveLength(1);
  });

  it('a token limit counts the tokens of Ollama streams', async () => {
    const key = await keyFor({ baseUrl: fake.url });
    fake.on('POST', '/api/chat', replay('ollama', 'chat-stream.ndjson'));
    const proxyId = await stage.llmProxy();
    const limit = { entityType: 'llm_proxy', entityId: proxyId, limitType: 'tokens', limitValue: 80, window: '1d' };
    await stage.gateway.admin.create('/api/limits', limit);
    const ask = (): Promise<WireResponse> =>
      call(key, 'api/chat', { model: MODEL, messages, options: { num_predict: 5 } }, proxyId);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.headers['x-gateway-error']]).toEqual([402, 'budget_exceeded']);
  });
});

describe('a stream of Ollama', () => {
  const guarded = (guardrail: object, more: object = {}): Promise<string> =>
    stage.llmProxy({ ...more, policy: { guardrails: [{ name: 'never', on: 'answer', ...guardrail }] } });
  const ask = async (proxyId: string): Promise<WireResponse> =>
    call(await keyFor({ baseUrl: fake.url }), 'api/chat', { model: MODEL, messages }, proxyId);

  it('an Ollama stream is redacted across its lines', async () => {
    fake.on('POST', '/api/chat', replay('ollama', 'chat-stream.ndjson'));
    const answer = await ask(await guarded({ detector: 'pattern', pattern: 'there, w', action: 'redact' }));
    const documents = answer.body.toString().trim().split('\n');
    const text = documents.map((line) => (JSON.parse(line) as { message: { content: string } }).message.content);
    expect(text.join('')).toBe('Hello [never]örld!');
    expect(documents.at(-1)).toBe(wire('ollama', 'chat-stream.ndjson').toString().trim().split('\n').at(-1));
  });

  it.each([false, true])(
    'a blocked Ollama stream ends with an error line and is complete (strict audit: %s)',
    async (strict) => {
      fake.on('POST', '/api/chat', replay('ollama', 'chat-stream.ndjson'));
      const proxyId = await guarded(
        { detector: 'pattern', pattern: 'wörld', action: 'block' },
        { strictAudit: strict },
      );
      const answer = await ask(proxyId);
      const documents = answer.body.toString().split('\n');
      expect(answer.complete).toBe(true);
      expect(documents.pop()).toBe('');
      expect(JSON.parse(documents.pop()!)).toEqual({ error: expect.stringContaining('"never"') as unknown });
      expect(documents.join()).not.toMatch(/wörld|"done":true/);
      expect(await stage.recordOf(answer)).toMatchObject({ outcome: 'cut', error_code: 'guardrail_blocked' });
    },
  );

  it('an Ollama stream that the server breaks off ends with an error line and is incomplete', async () => {
    fake.on('POST', '/api/chat', dying('ollama', 'chat-stream.ndjson', 2));
    const answer = await ask(stage.defaultProxyId);
    expect(answer.complete).toBe(false);
    const last = answer.body.toString().trim().split('\n').at(-1)!;
    expect(Object.keys(JSON.parse(last) as object)).toEqual(['error']);
    expect(await stage.recordOf(answer)).toMatchObject({ error_code: 'upstream_unreachable', estimated: true });
  });
});

it('errors of an Ollama server pass unchanged', async () => {
  const error = wireJson('ollama', 'error.json') as object;
  fake.on('POST', '/api/chat', json(404, error));
  const answer = await call(await keyFor({ baseUrl: fake.url, apiKey: 'sk-ollama-cloud' }), 'api/chat', { model: 'x' });
  expect([answer.status, answer.json]).toEqual([404, error]);
  expect(fake.received[0]!.headers.authorization).toBe('Bearer sk-ollama-cloud');
});
