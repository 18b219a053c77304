import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Secret } from '../platform/crypto/secret.js';
import { getDialect } from './dialects/registry.js';
import type { UpstreamRequest } from './contract/provider-adapter.js';
import { findProvider, PROVIDER_IDS, PROVIDERS } from './registry.js';
import { findRoute } from './routes/match.js';

async function headersWith(provider: string, key: string): Promise<string[]> {
  const request: UpstreamRequest = {
    origin: 'https://provider.test',
    method: 'POST',
    path: '/x',
    headers: [],
    body: Buffer.alloc(0),
  };
  await findProvider(provider)!.authorize(request, new Secret(key));
  expect(request.path).toBe('/x');
  return request.headers;
}

describe('the registry', () => {
  it('the registry contains exactly the provider files', () => {
    const files = readdirSync(join(process.cwd(), 'src/providers/adapters'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.provider.ts'))
      .map((name) => basename(name));
    expect([...PROVIDER_IDS].sort()).toEqual(files.map((name) => name.replace('.provider.ts', '')).sort());
    expect(findProvider('toString')).toBeUndefined();
  });

  it.each(PROVIDERS.map((adapter) => [adapter.id, adapter] as const))('the provider %s is complete', (id, adapter) => {
    expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(getDialect(adapter.dialect).id).toBe(adapter.dialect);
    if (adapter.baseUrl !== null) expect(adapter.baseUrl).toMatch(/^https?:\/\/[^/]+(?:\/.*[^/])?$/);
    expect(adapter.normalizePath(adapter.testPath)).toBe(adapter.testPath);
    expect(findRoute(adapter, 'GET', adapter.testPath).rule.operation).not.toBe('ambiguous_path');
  });

  it('only azure, vertex and vllm lack a base URL, and only ollama and vllm need no key', () => {
    expect(PROVIDERS.filter(({ baseUrl }) => baseUrl === null).map(({ id }) => id)).toEqual([
      'azure',
      'vertex',
      'vllm',
    ]);
    expect(PROVIDERS.filter(({ keyOptional }) => keyOptional).map(({ id }) => id)).toEqual(['ollama', 'vllm']);
  });
});

describe('credential headers', () => {
  it.each([
    ['openai', 'sk-1', ['authorization', 'Bearer sk-1']],
    ['groq', 'gsk_1', ['authorization', 'Bearer gsk_1']],
    ['cohere', 'co-1', ['authorization', 'Bearer co-1']],
    ['anthropic', 'sk-ant-api03-1', ['x-api-key', 'sk-ant-api03-1']],
    ['anthropic', 'sk-ant-oat01-1', ['authorization', 'Bearer sk-ant-oat01-1']],
    ['gemini', 'AIza1', ['x-goog-api-key', 'AIza1']],
    ['azure', 'abc', ['api-key', 'abc']],
    ['vertex', 'ya29.token', ['authorization', 'Bearer ya29.token']],
    ['vertex', 'AIza1', ['x-goog-api-key', 'AIza1']],
    ['vllm', '', []],
  ])('the provider %s gets the key "%s" in its own header', async (provider, key, headers) => {
    expect(await headersWith(provider, key)).toEqual(headers);
  });
});

it("Ollama uses its own dialect below api/ and OpenAI's elsewhere", () => {
  const ollama = findProvider('ollama')!;
  const id = '0a1b2c3d-0000-4000-8000-00000000000A';
  for (const path of ['api/chat', '/v1/ollama/api/tags', `/v1/ollama/${id}/api/chat`])
    expect(ollama.findDialectId!(path)).toBe('ollama');
  for (const path of ['v1/chat/completions', '/v1/ollama/v1/models/api/x', `/v1/ollama/${id}/models`, '/v1/ollama'])
    expect(ollama.findDialectId!(path)).toBe('openai');
});

describe('path normalization', () => {
  it.each([
    ['openai', 'v1/chat/completions', 'chat/completions'],
    ['openai', 'chat/completions', 'chat/completions'],
    ['mistral', 'v1/models', 'models'],
    ['groq', 'openai/v1/chat/completions', 'chat/completions'],
    ['zhipuai', 'v1/chat/completions', 'chat/completions'],
    ['anthropic', 'v1/messages', 'v1/messages'],
    ['anthropic', 'v1/v1/messages', 'v1/messages'],
    ['gemini', 'v1beta/models/m:generateContent', 'v1beta/models/m:generateContent'],
    ['vertex', 'publishers/google/models/m:predict', 'publishers/google/models/m:predict'],
    [
      'vertex',
      'v1beta1/projects/mine/locations/europe-west4/publishers/google/models/m:generateContent?alt=sse',
      'publishers/google/models/m:generateContent?alt=sse',
    ],
    ['vertex', 'v1/projects/p/locations/l/endpoints', 'v1/projects/p/locations/l/endpoints'],
    ['cohere', 'chat', 'v2/chat'],
    ['cohere', 'v1/chat', 'v1/chat'],
    ['ollama', 'chat/completions', 'v1/chat/completions'],
    ['ollama', 'v1/chat/completions', 'v1/chat/completions'],
    ['ollama', 'api/chat', 'api/chat'],
    ['ollama', 'apiary', 'v1/apiary'],
    ['cohere', 'v1/models', 'v1/models'],
    ['azure', 'chat/completions?api-version=1', 'openai/v1/chat/completions?api-version=1'],
    ['azure', 'v1/responses', 'openai/v1/responses'],
    ['azure', 'openai/chat/completions?x=1', 'openai/v1/chat/completions?x=1'],
    ['azure', 'openai/embeddings', 'openai/v1/embeddings'],
    ['azure', 'openai/responses', 'openai/responses'],
    ['azure', 'openai/v1/embeddings', 'openai/v1/embeddings'],
    ['azure', 'openai/deployments/d/chat/completions', 'openai/deployments/d/chat/completions'],
  ])('the %s path %s is normalized to %s', (provider, path, expected) => {
    expect(findProvider(provider)!.normalizePath(path)).toBe(expected);
  });

  it('the base URL of Ollama may end with v1', () => {
    for (const [url, base] of [
      ['http://gpu:11434', 'http://gpu:11434'],
      ['http://gpu:11434/v1', 'http://gpu:11434'],
      ['http://gpu:11434/v1/', 'http://gpu:11434'],
      ['https://ai.test/ollama/v1', 'https://ai.test/ollama'],
    ] as const)
      expect(findProvider('ollama')!.normalizeBaseUrl!(url)).toBe(base);
  });

  it('the base URL of Azure may end with openai or openai/v1', () => {
    const base = 'https://r.openai.azure.com';
    for (const url of [base, `${base}/openai/v1`, `${base}/openai`, `${base}/openai/v1/`]) {
      expect(findProvider('azure')!.normalizeBaseUrl!(url)).toBe(base);
    }
  });
});
