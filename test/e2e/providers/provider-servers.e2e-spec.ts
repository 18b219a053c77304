/** Several servers of one self-hosted provider behind one key. */
import { FakeProvider, json } from '../../support/providers/fake-provider.js';
import { expectRefusal } from '../../support/http/llm-errors.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';
import type { WireResponse } from '../../support/http/wire-client.js';

const JSON_TYPE = ['content-type', 'application/json'] as const;
const bearer = (value: string) => ['authorization', `Bearer ${value}`] as const;
const completion = (model: string) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model,
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

let stage: Stage;
let large: FakeProvider;
let small: FakeProvider;

beforeAll(async () => {
  stage = await startStage();
  [large, small] = [await FakeProvider.start(), await FakeProvider.start()];
  for (const [server, models] of [
    [large, ['llama-70b', 'shared']],
    [small, ['qwen-7b', 'shared', 'unrouted']],
  ] as const) {
    server.on('POST', /chat\/completions$/, (request, response) =>
      json(200, completion((JSON.parse(request.body.toString()) as { model: string }).model))(request, response),
    );
    server.on(
      'GET',
      /models$/,
      json(200, { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'x' })) }),
    );
    server.on('GET', /models\/[\w-]+$/, json(200, { id: 'one', object: 'model' }));
  }
}, 60_000);
afterAll(async () => {
  await stage.close();
  await Promise.all([large.close(), small.close()]);
});
beforeEach(() => [large, small].forEach((server) => server.forget()));

const servers = () => [
  { baseUrl: `${large.url}/v1`, models: ['llama-*', 'shared'] },
  { baseUrl: `${small.url}/v1/`, models: ['qwen-*', 'shar*'] },
];
const createKey = async (over: object = {}, provider = 'vllm') =>
  stage.gateway.admin.create('/api/llm-provider-api-keys', {
    name: 'ours',
    provider,
    apiKey: 'sk-stored-servers',
    scope: 'org',
    servers: servers(),
    ...over,
  });
const keyFor = async (provider = 'vllm') => {
  const stored = await createKey({}, provider);
  return (await stage.virtualKey({ providerApiKeys: [{ provider, providerApiKeyId: stored.id }] })).value;
};
const chat = (key: string, model: string, path = '/v1/vllm/chat/completions'): Promise<WireResponse> =>
  stage.wire.call('POST', path, [bearer(key), JSON_TYPE], JSON.stringify({ model, messages: [] }));

describe('a call to a provider with several servers', () => {
  it('a call goes to the first server with a pattern for its model, with the stored key', async () => {
    const key = await keyFor();
    expect((await chat(key, 'llama-70b')).status).toBe(200);
    expect((await chat(key, 'Qwen-7B')).status).toBe(200);
    expect((await chat(key, 'shared')).status).toBe(200);
    expect(large.received.map(({ url }) => url)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
    expect(small.received.map(({ url }) => url)).toEqual(['/v1/chat/completions']);
    expect(small.received[0]!.headers.authorization).toBe('Bearer sk-stored-servers');
  });

  it('a call for a model without a server is refused with 404 model_not_found and sent nowhere', async () => {
    const answer = await chat(await keyFor(), 'unrouted');
    expectRefusal('openai', answer, { status: 404, code: 'model_not_found' });
    expect([...large.received, ...small.received]).toEqual([]);
  });

  it('a call through the Model Router goes to the server of its model', async () => {
    const key = await keyFor();
    const path = '/v1/model-router/chat/completions';
    expect((await chat(key, 'vllm:qwen-7b', path)).status).toBe(200);
    expect(small.received).toHaveLength(1);
    expectRefusal('openai', await chat(key, 'vllm:unrouted', path), { status: 404, code: 'model_not_found' });
  });

  it('an Azure call goes to the server of its deployment', async () => {
    const stored = await createKey(
      {
        servers: [
          { baseUrl: large.url, models: ['llama-*'] },
          { baseUrl: small.url, models: ['qwen-*'] },
        ],
      },
      'azure',
    );
    const key = (await stage.virtualKey({ providerApiKeys: [{ provider: 'azure', providerApiKeyId: stored.id }] }))
      .value;
    const path = '/v1/azure/openai/deployments/qwen-prod/chat/completions?api-version=2024-10-21';
    expect((await chat(key, 'gpt-4o', path)).status).toBe(200);
    expect(small.received.map(({ url }) => url)).toEqual([path.slice('/v1/azure'.length)]);
    expect((await chat(key, 'llama-x', '/v1/azure/chat/completions')).status).toBe(200);
    expect(large.received).toHaveLength(1);
  });
});

it.each(['chat/completions', 'embeddings', 'responses'])(
  'an Azure call to openai/%s goes to the server of the model in its body',
  async (path) => {
    const addresses = servers().map(({ models }, i) => ({ baseUrl: [large, small][i]!.url, models }));
    const stored = await createKey({ servers: addresses }, 'azure');
    const mapping = [{ provider: 'azure', providerApiKeyId: stored.id }];
    const key = (await stage.virtualKey({ providerApiKeys: mapping })).value;
    small.on('POST', /\/(?:embeddings|responses)$/, json(200, { model: 'qwen-7b', usage: { input_tokens: 3 } }));
    const answer = await chat(key, 'qwen-7b', `/v1/azure/openai/${path}`);
    expect(answer.status).toBe(200);
    const sent = path === 'responses' ? 'openai/responses' : `openai/v1/${path}`;
    expect(small.received.map(({ url }) => url)).toEqual([`/${sent}`]);
    expect(await stage.recordOf(answer)).toMatchObject({ requested_model: 'qwen-7b', outcome: 'success' });
  },
);

it('an explanation names the server of a model', async () => {
  const stored = await createKey();
  const { id } = await stage.virtualKey({ providerApiKeys: [{ provider: 'vllm', providerApiKeyId: stored.id }] });
  const explained = async (provider: string | undefined, model?: string) =>
    (
      await stage.gateway.admin.post('/api/explain', {
        principal: { virtualKeyId: id },
        ...(provider && { provider }),
        ...(model && { model }),
      })
    ).body;
  expect(await explained('vllm', 'qwen-7b')).toMatchObject({
    isAllowed: true,
    places: [{ server: `${small.url}/v1` }],
  });
  expect(await explained(undefined, 'vllm:llama-70b')).toMatchObject({ places: [{ server: `${large.url}/v1` }] });
  expect(await explained('vllm')).toMatchObject({ isAllowed: true, places: [{ server: null }] });
  expect(await explained('vllm', 'unrouted')).toMatchObject({
    isAllowed: false,
    refusal: { status: 404, code: 'model_not_found' },
    places: [{ server: null, reason: 'model_not_found', decision: 'passed_over' }],
  });
  expect([large.received.length, small.received.length]).toEqual([0, 0]);
});

describe('GET models', () => {
  it('the model list merges all servers and contains each model that a call can reach once', async () => {
    const key = await keyFor();
    const list = await stage.wire.call('GET', '/v1/vllm/models', [bearer(key)]);
    expect(list.status).toBe(200);
    expect(list.json).toMatchObject({ object: 'list' });
    expect((list.json.data as { id: string }[]).map(({ id }) => id)).toEqual(['llama-70b', 'shared', 'qwen-7b']);
    expect(await stage.recordOf(list)).toMatchObject({ operation: 'list_models', status: 200, outcome: 'success' });
    const routed = await stage.wire.call('GET', '/v1/model-router/models', [bearer(key)]);
    expect((routed.json.data as { id: string }[]).map(({ id }) => id).sort()).toEqual([
      'vllm:llama-70b',
      'vllm:qwen-7b',
      'vllm:shared',
    ]);
  });

  it('GET models/{model} asks only the server of the model', async () => {
    expect((await stage.wire.call('GET', '/v1/vllm/models/qwen-7b', [bearer(await keyFor())])).status).toBe(200);
    expect([large.received.length, small.received.length]).toEqual([0, 1]);
  });

  it('the model list leaves out an unreachable server, and fails with 502 if none responds', async () => {
    const gone = await FakeProvider.start();
    const unreachable = { baseUrl: `${gone.url}/v1`, models: ['*'] };
    await gone.close();
    for (const [list, status] of [
      [[unreachable, servers()[1]!], 200],
      [[unreachable], 502],
    ] as const) {
      const stored = await createKey({ servers: list });
      const key = (await stage.virtualKey({ providerApiKeys: [{ provider: 'vllm', providerApiKeyId: stored.id }] }))
        .value;
      expect((await stage.wire.call('GET', '/v1/vllm/models', [bearer(key)])).status).toBe(status);
    }
  });
});

describe('the provider key', () => {
  it('a key shows its servers, and its test calls each of them', async () => {
    const stored = await createKey();
    expect(stored).toMatchObject({
      baseUrl: null,
      servers: [
        { baseUrl: `${large.url}/v1`, models: ['llama-*', 'shared'] },
        { baseUrl: `${small.url}/v1`, models: ['qwen-*', 'shar*'] },
      ],
    });
    const tested = await stage.gateway.admin.post(`/api/llm-provider-api-keys/${stored.id as string}/test`, {});
    expect(tested.body).toMatchObject({ ok: true });
    expect([large.received.length, small.received.length]).toEqual([1, 1]);
  });

  it.each<[string, string, object, string]>([
    ['servers for a provider that takes one address', 'openai', {}, '/servers'],
    ['servers and baseUrl', 'vllm', { baseUrl: 'http://127.0.0.1:1/v1' }, '/servers'],
    ['an empty list of servers', 'vllm', { servers: [] }, '/servers'],
    [
      'a server without patterns',
      'vllm',
      { servers: [{ baseUrl: 'http://127.0.0.1:1', models: [] }] },
      '/servers/0/models',
    ],
    [
      'a server on a private host',
      'vllm',
      { servers: [{ baseUrl: 'http://10.0.0.1', models: ['*'] }] },
      '/servers/0/baseUrl',
    ],
    [
      'a server on a metadata host',
      'azure',
      { servers: [{ baseUrl: 'http://169.254.169.254', models: ['*'] }] },
      '/servers/0/baseUrl',
    ],
  ])('a key with %s is refused with 400', async (_, provider, over, pointer) => {
    const answer = await stage.gateway.admin.post('/api/llm-provider-api-keys', {
      name: 'x',
      provider,
      apiKey: 'sk-1',
      scope: 'org',
      servers: servers(),
      ...over,
    });
    expect(answer.status).toBe(400);
    expect((answer.body.errors as { pointer: string }[]).map((error) => error.pointer)).toContain(pointer);
  });

  it('a change of servers or baseUrl requires the secret, and one replaces the other', async () => {
    const path = `/api/llm-provider-api-keys/${(await createKey()).id as string}`;
    const [first] = servers();
    expect((await stage.gateway.admin.patch(path, { servers: [first] })).status).toBe(400);
    expect((await stage.gateway.admin.patch(path, { servers: servers() })).status).toBe(200);
    const changed = await stage.gateway.admin.patch(path, { servers: [first], apiKey: 'sk-new' });
    expect(changed.body).toMatchObject({ servers: [first], baseUrl: null });
    const one = await stage.gateway.admin.patch(path, { baseUrl: `${small.url}/v1`, apiKey: 'sk-new' });
    expect(one.body).toMatchObject({ servers: null, baseUrl: `${small.url}/v1` });
    expect((await stage.gateway.admin.patch(path, { name: 'renamed' })).body).toMatchObject({ servers: null });
    // vLLM has no address of its own to fall back to.
    expect((await stage.gateway.admin.patch(path, { baseUrl: null, apiKey: 'sk-new' })).status).toBe(400);
  });
});
