/** The list of models, from stored data and from the providers' own lists. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { KeySource } from '../../../src/auth/callers/caller.js';
import { FakeProvider, json, type Responder } from '../../support/providers/fake-provider.js';
import { createId, type OrgId, type ProviderKeyId } from '../../../src/platform/ids.js';
import type { LlmProxyPolicy } from '../../../src/orgs/llm-proxies/policy/llm-proxy.js';
import { ModelCatalog } from '../../../src/router/catalog/model-catalog.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, type Cast } from '../../support/gateway/people.js';
import { eventually } from '../../support/http/wire-client.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('the model catalog', () => {
  let fake: FakeProvider;
  let gateway: TestGateway;
  let cast: Cast;
  let catalog: ModelCatalog;

  /** Secret of a key → its provider's response. */
  const answers = new Map<string, Responder>();
  const secretIn = (headers: Record<string, unknown>): string =>
    String(headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization).replace('Bearer ', '');
  const asked = (secret: string): string[] =>
    fake.received.filter(({ headers }) => secretIn(headers) === secret).map(({ url }) => url);

  beforeAll(async () => {
    fake = await FakeProvider.start();
    fake.on('GET', /(?:models|inference-profiles)$/, (request, response) =>
      (answers.get(secretIn(request.headers)) ?? json(500, {}))(request, response),
    );
    gateway = await startGateway({
      LLM_OPENAI_BASE_URL: `${fake.url}/v1`,
      LLM_GROQ_BASE_URL: `${fake.url}/openai/v1`,
      LLM_TOGETHER_BASE_URL: `${fake.url}/v1`,
      LLM_OPENROUTER_BASE_URL: `${fake.url}/api/v1`,
      LLM_PERPLEXITY_BASE_URL: fake.url,
      LLM_ANTHROPIC_BASE_URL: fake.url,
      LLM_GEMINI_BASE_URL: fake.url,
      LLM_BEDROCK_BASE_URL: fake.url,
      LLM_COHERE_BASE_URL: fake.url,
    });
    cast = await castOf(gateway);
    catalog = gateway.app.nest.get(ModelCatalog, { strict: false });
  });
  afterAll(async () => {
    await gateway.close();
    await fake.close();
  });

  interface StoredKey {
    id: ProviderKeyId;
    provider: string;
    secret: string;
  }

  const storeKey = async (provider: string, answer: Responder, over: object = {}): Promise<StoredKey> => {
    const secret = `sk-${createId<string>()}`;
    answers.set(secret, answer);
    const body = { name: secret, provider, apiKey: secret, scope: 'org', ...over };
    const { id } = await gateway.admin.create('/api/llm-provider-api-keys', body);
    return { id: id as ProviderKeyId, provider, secret };
  };
  const openAiList = (...ids: string[]): Responder =>
    json(200, { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1772668800 })) });
  const callerWith = (keys: readonly StoredKey[], allowedModels: readonly string[] | null = null) => ({
    organizationId: cast.organizationId as OrgId,
    allowedModels,
    keySource: { kind: 'bound', keys: new Map(keys.map(({ provider, id }) => [provider, id])) } satisfies KeySource,
  });
  const list = async (
    keys: readonly StoredKey[],
    policy: LlmProxyPolicy = {},
    allowed: readonly string[] | null = null,
  ) => (await catalog.list(callerWith(keys, allowed), { name: 'default', policy })).map(({ id }) => id);

  describe('the list of a provider', () => {
    it('the list of a provider has its models by the names that callers send', async () => {
      const keys = [
        await storeKey('cohere', json(200, { models: [{ name: 'command-a', endpoints: ['chat'] }] })),
        await storeKey(
          'gemini',
          json(200, { models: [{ name: 'models/gemini-3', supportedGenerationMethods: ['generateContent'] }] }),
        ),
        await storeKey('together', json(200, [{ id: 'Qwen/Qwen3' }])),
        await storeKey('openrouter', openAiList('openai/gpt-5.4', 'meta-llama/llama-4:free')),
        await storeKey('openai', openAiList('gpt-5.4')),
        await storeKey('anthropic', json(200, { data: [{ id: 'claude-opus-5-5' }], has_more: false })),
      ];
      expect(await list(keys)).toEqual([
        'anthropic:claude-opus-5-5',
        'cohere:command-a',
        'gemini:gemini-3',
        'openai:gpt-5.4',
        'openrouter:openai/gpt-5.4',
        'openrouter:meta-llama/llama-4:free',
        'together:Qwen/Qwen3',
      ]);
      expect(keys.map(({ secret }) => asked(secret))).toEqual([
        ['/v1/models?page_size=1000'],
        ['/v1beta/models?pageSize=1000'],
        ['/v1/models'],
        ['/api/v1/models'],
        ['/v1/models'],
        ['/v1/models?limit=1000'],
      ]);
      const entry = (await catalog.list(callerWith([keys[4]!]), { name: 'default', policy: {} }))[0];
      expect(entry).toEqual({
        id: 'openai:gpt-5.4',
        provider: 'openai',
        model: 'gpt-5.4',
        created: 1772668800,
        ownedBy: 'openai',
      });
    });

    it('the list follows pages and stops at an endless or repeated page', async () => {
      const page = (id: string, hasMore: boolean) => ({ data: [{ id }], has_more: hasMore, last_id: id });
      const two = await storeKey('anthropic', (request, response) =>
        json(200, request.url.includes('after_id=one') ? page('two', false) : page('one', true))(request, response),
      );
      expect(await list([two])).toEqual(['anthropic:one', 'anthropic:two']);
      let count = 0;
      const endless = await storeKey('anthropic', (request, response) =>
        json(200, page(`model-${++count}`, true))(request, response),
      );
      expect(await list([endless])).toHaveLength(20);
      const same = await storeKey('anthropic', json(200, page('same', true)));
      expect(await list([same])).toEqual(['anthropic:same']);
      expect(asked(same.secret)).toHaveLength(2);
    });

    it('the list of Bedrock combines foundation models and inference profiles', async () => {
      const model = { modelId: 'nova', outputModalities: ['TEXT'], inferenceTypesSupported: ['ON_DEMAND'] };
      const profile = (id: string) => ({ inferenceProfileId: id, status: 'ACTIVE' });
      const key = await storeKey('bedrock', (request, response) =>
        json(
          200,
          request.url === '/foundation-models'
            ? { modelSummaries: [model] }
            : request.url === '/inference-profiles'
              ? { inferenceProfileSummaries: [profile('eu.nova')], nextToken: 'more' }
              : { inferenceProfileSummaries: [profile('us.nova')] },
        )(request, response),
      );
      expect(await list([key])).toEqual(['bedrock:nova', 'bedrock:eu.nova', 'bedrock:us.nova']);
    });

    it.each([403, 404, 405])("the price list replaces a provider's list that responds %i", async (status) => {
      expect(await list([await storeKey('groq', json(status, {}))])).toContain('groq:llama-3.3-70b-versatile');
    });

    it('the price list is used for a provider without a list', async () => {
      const key = await storeKey('perplexity', json(500, {}));
      expect(await list([key])).toContain('perplexity:sonar');
      expect(asked(key.secret)).toEqual([]);
    });

    it.each([
      ['a key that is refused', json(401, {})],
      ['a failure', json(500, {})],
      ['a redirect', json(302, {}, { location: '/v1/models' })],
      ['a body that is not JSON', json(200, '<html>')],
      ['another document', json(200, { ok: true })],
    ])('the list is empty for %s, and other providers are still listed', async (_, answer) => {
      const keys = [await storeKey('groq', answer), await storeKey('openai', openAiList('gpt-5.4'))];
      expect(await list(keys)).toEqual(['openai:gpt-5.4']);
      expect(gateway.log.filter((line) => line.includes(keys[0]!.id)).join()).not.toContain(keys[0]!.secret);
    });

    it('a deleted key has no list', async () => {
      const key = await storeKey('openai', openAiList('gpt-5.4'));
      expect(await list([key])).toEqual(['openai:gpt-5.4']);
      await gateway.admin.delete(`/api/llm-provider-api-keys/${key.id}`);
      expect(await list([key])).toEqual([]);
    });
  });

  describe('restrictions', () => {
    it('the list is restricted by the policy of the LLM proxy and of the credential', async () => {
      const keys = [
        await storeKey('openai', openAiList('gpt-5.4', 'gpt-5.4-mini', 'o9')),
        await storeKey('groq', openAiList('o9')),
      ];
      expect(await list(keys, { allowedModels: ['gpt-*'] })).toEqual(['openai:gpt-5.4', 'openai:gpt-5.4-mini']);
      expect(await list(keys, { deniedModels: ['*-mini', 'groq:*'] })).toEqual(['openai:gpt-5.4', 'openai:o9']);
      expect(await list(keys, { deniedModels: ['openai:o9'] }, ['o9'])).toEqual(['groq:o9']);
    });
  });

  describe('caching', () => {
    it('concurrent requests share one load, which is cached for ten minutes', async () => {
      const key = await storeKey('openai', openAiList('gpt-5.4'));
      await Promise.all([list([key]), list([key]), list([key])]);
      gateway.clock.advance(9 * MINUTE_MS);
      await list([key]);
      expect(asked(key.secret)).toHaveLength(1);
    });

    it('an expired list is served while it is refreshed', async () => {
      const key = await storeKey('openai', openAiList('old'));
      await list([key]);
      answers.set(key.secret, openAiList('new'));
      gateway.clock.advance(11 * MINUTE_MS);
      expect(await list([key])).toEqual(['openai:old']);
      await eventually(async () => (await list([key]))[0] === 'openai:new', 'the new list');
      expect(asked(key.secret)).toHaveLength(2);
    });

    it('a list survives a failing provider for a day and is retried every 30 seconds', async () => {
      const key = await storeKey('openai', openAiList('gpt-5.4'));
      await list([key]);
      answers.set(key.secret, json(503, {}));
      gateway.clock.advance(11 * MINUTE_MS);
      expect(await list([key])).toEqual(['openai:gpt-5.4']);
      await eventually(() => Promise.resolve(gateway.log.some((line) => line.includes(key.id))), 'the failure');
      expect(await list([key])).toEqual(['openai:gpt-5.4']);
      expect(asked(key.secret)).toHaveLength(2);
      gateway.clock.advance(31_000);
      expect(await list([key])).toEqual(['openai:gpt-5.4']);
      await eventually(() => Promise.resolve(asked(key.secret).length === 3), 'the next question');
      gateway.clock.advance(24 * HOUR_MS);
      expect(await list([key])).toEqual([]);
      answers.set(key.secret, openAiList('back'));
      gateway.clock.advance(31_000);
      expect(await list([key])).toEqual(['openai:back']);
    });

    it('a list ends when its key is refused', async () => {
      const key = await storeKey('openai', openAiList('gpt-5.4'));
      await list([key]);
      answers.set(key.secret, json(401, {}));
      gateway.clock.advance(11 * MINUTE_MS);
      await eventually(async () => (await list([key])).length === 0, 'the end of the list');
    });

    it('a list is loaded again after its key is rotated', async () => {
      const key = await storeKey('openai', openAiList('first'));
      expect(await list([key])).toEqual(['openai:first']);
      answers.set(`${key.secret}-2`, openAiList('second'));
      await gateway.admin.post(`/api/llm-provider-api-keys/${key.id}/rotate`, { apiKey: `${key.secret}-2` });
      expect(await list([key])).toEqual(['openai:second']);
    });

    it('a response to the former key is not cached after a rotation', async () => {
      let release = (): void => undefined;
      const key = await storeKey('openai', async (request, response) => {
        await new Promise<void>((resolve) => (release = resolve));
        await openAiList('former')(request, response);
      });
      const former = list([key]);
      await eventually(() => Promise.resolve(asked(key.secret).length === 1), 'the question');
      answers.set(`${key.secret}-2`, openAiList('present'));
      await gateway.admin.post(`/api/llm-provider-api-keys/${key.id}/rotate`, { apiKey: `${key.secret}-2` });
      release();
      expect(await former).toEqual([]);
      expect(await list([key])).toEqual(['openai:present']);
    });

    it('a slow provider does not delay the list and appears later', async () => {
      let release = (): void => undefined;
      const slow = await storeKey('groq', async (request, response) => {
        await new Promise<void>((resolve) => (release = resolve));
        await openAiList('late')(request, response);
      });
      const keys = [slow, await storeKey('openai', openAiList('gpt-5.4'))];
      expect(await list(keys)).toEqual(['openai:gpt-5.4']);
      release();
      await eventually(async () => (await list(keys)).includes('groq:late'), 'the late list');
      expect(asked(slow.secret)).toHaveLength(1);
    });
  });

  describe('aliases', () => {
    const alias = async (targets: object[]): Promise<string> => {
      const name = `alias-${createId<string>()}`;
      await gateway.admin.create('/api/model-aliases', { name, targets });
      return name;
    };

    it('an alias is listed last if one of its targets is reachable and allowed', async () => {
      const openai = await storeKey('openai', openAiList('gpt-5.4'));
      const name = await alias([{ model: 'groq:llama' }, { model: 'openai:gpt-5.4' }]);
      const shown = async (keys: StoredKey[], policy?: LlmProxyPolicy, allowed?: string[]) =>
        (await list(keys, policy, allowed)).includes(name);
      const models = await catalog.list(callerWith([openai]), { name: 'default', policy: {} });
      expect(models.find(({ id }) => id === name)).toEqual({
        id: name,
        provider: null,
        model: name,
        created: expect.any(Number),
        ownedBy: 'gatehouse',
      });
      expect(models[0]!.id).toBe('openai:gpt-5.4');
      expect(await shown([])).toBe(false);
      expect(await shown([await storeKey('cohere', json(500, {}))])).toBe(false);
      expect(await shown([openai], { deniedModels: ['gpt-*'] })).toBe(false);
      expect(await shown([openai], {}, ['groq:*'])).toBe(false);
    });

    it('an alias with a pinned key is listed only for callers of that key', async () => {
      const pinned = await storeKey('groq', openAiList('llama'), { scope: 'team', teamId: cast.teamId });
      const other = await storeKey('groq', openAiList('llama'));
      const name = await alias([{ model: 'groq:llama', providerApiKeyId: pinned.id }]);
      expect(await list([pinned])).toContain(name);
      expect(await list([other])).not.toContain(name);
    });

    it('an alias of another organization is not listed', async () => {
      const openai = await storeKey('openai', openAiList('gpt-5.4'));
      const body = { name: 'elsewhere', targets: [{ model: 'openai:gpt-5.4' }] };
      await cast.stranger.client.create('/api/model-aliases', body);
      expect(await list([openai])).not.toContain('elsewhere');
    });
  });

  describe('names without a provider', () => {
    it('a name without a provider means the only mapped provider', async () => {
      const [openai, groq] = [await storeKey('openai', json(500, {})), await storeKey('groq', json(500, {}))];
      expect(await catalog.find(callerWith([openai]), 'llama3:8b')).toMatchObject({
        provider: { id: 'openai' },
        model: 'llama3:8b',
      });
      expect(await catalog.find(callerWith([openai, groq]), 'llama3:8b')).toBeNull();
      expect(await catalog.find(callerWith([]), 'llama3:8b')).toBeNull();
      expect(asked(openai.secret)).toEqual([]);
    });
  });

  describe('HTTP API', () => {
    const virtualKey = async (keys: readonly StoredKey[], over: object = {}): Promise<string> => {
      const providerApiKeys = keys.map(({ provider, id }) => ({ provider, providerApiKeyId: id }));
      const made = await gateway.admin.create('/api/llm-virtual-keys', { name: 'lister', providerApiKeys, ...over });
      return made.value as string;
    };
    const get = async (path: string, headers: Record<string, string>) => {
      const response = await fetch(`${gateway.url}/v1/model-router/${path}`, { headers });
      return { status: response.status, body: (await response.json()) as unknown };
    };
    const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

    it("GET models has OpenAI's form, also for one model", async () => {
      const value = await virtualKey([await storeKey('together', openAiList('gpt-5.4', 'Qwen/Qwen3'))]);
      const model = { id: 'together:gpt-5.4', object: 'model', created: 1772668800, owned_by: 'together' };
      const { status, body } = await get('models', bearer(value));
      expect(status).toBe(200);
      expect(body).toEqual({ object: 'list', data: [model, { ...model, id: 'together:Qwen/Qwen3' }], models: [] });
      expect(await get('models/together:gpt-5.4', bearer(value))).toEqual({ status: 200, body: model });
      expect(await get('models/groq:gpt-5.4', bearer(value))).toMatchObject({
        status: 404,
        body: { error: { code: 'model_not_found' } },
      });
    });

    it('GET models is restricted by the LLM proxy in the path and the virtual key', async () => {
      const key = await storeKey('openai', openAiList('gpt-5.4', 'gpt-5.4-mini', 'o9'));
      const value = await virtualKey([key], { allowedModels: ['gpt-*'] });
      const policy = { deniedModels: ['*-mini'] };
      const proxy = await gateway.admin.create('/api/llm-proxies', { name: 'narrow', policy });
      const ids = async (path: string) =>
        ((await get(path, bearer(value))).body as { data: { id: string }[] }).data
          .map(({ id }) => id)
          .filter((id) => id.startsWith('openai:'));
      expect(await ids('models')).toEqual(['openai:gpt-5.4', 'openai:gpt-5.4-mini']);
      expect(await ids(`${proxy.id}/models`)).toEqual(['openai:gpt-5.4']);
    });

    it('the OpenAI and Anthropic clients read the model list', async () => {
      const data = [
        { type: 'model', id: 'claude-opus-5-5', display_name: 'Claude Opus 5.5', created_at: '2026-09-22T00:00:00Z' },
      ];
      const value = await virtualKey([await storeKey('anthropic', json(200, { data, has_more: false }))]);
      const openai = new OpenAI({ baseURL: `${gateway.url}/v1/model-router`, apiKey: value });
      expect((await openai.models.list()).data).toEqual([
        { id: 'anthropic:claude-opus-5-5', object: 'model', created: 1790035200, owned_by: 'anthropic' },
      ]);
      const anthropic = new Anthropic({ baseURL: `${gateway.url}/v1/model-router`, apiKey: value });
      expect((await anthropic.models.list()).data).toEqual([{ ...data[0], id: 'anthropic:claude-opus-5-5' }]);
    });

    it('GET models is refused with 401 without a credential and for a direct key', async () => {
      expect(await get('models', {})).toMatchObject({ status: 401, body: { error: { code: 'credential_missing' } } });
      expect(await get('models', bearer('sk-0123456789abcdef0123'))).toMatchObject({
        status: 401,
        body: { error: { code: 'method_not_accepted' } },
      });
    });
  });
});
