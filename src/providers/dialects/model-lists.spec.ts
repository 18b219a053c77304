import { readFileSync } from 'node:fs';
import type { DialectId } from './base/dialect.js';
import { getDialect } from './registry.js';

const [openai, anthropic, gemini, cohere, bedrock] = (
  ['openai', 'anthropic', 'gemini', 'cohere', 'bedrock'] satisfies DialectId[]
).map((id) => getDialect(id).modelList);
const fixture = (vendor: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../test/fixtures/wire/${vendor}/models.json`, import.meta.url), 'utf8'));
const created = (value: unknown) => openai!.read([{ id: 'm', created: value }]).models[0]!.created;

describe("OpenAI's model list", () => {
  it('an OpenAI list gives names and creation times', () => {
    expect(openai!.read(fixture('openai')).models.slice(0, 2)).toEqual([
      { model: 'gpt-5.4', created: 1772668800 },
      { model: 'gpt-5.4-mini', created: 1772668800 },
    ]);
    expect(openai!.read(fixture('mistral')).models).toEqual([{ model: 'mistral-small-latest', created: 1793491200 }]);
  });

  it('an OpenAI list may be a bare array with display names', () => {
    expect(openai!.read([{ id: 'Qwen/Qwen3-32B', created: 1745000000, display_name: 'Qwen3 32B' }])).toEqual({
      models: [{ model: 'Qwen/Qwen3-32B', created: 1745000000, displayName: 'Qwen3 32B' }],
      next: null,
    });
  });

  it('models that are inactive or accept no calls are left out', () => {
    const data = [
      { id: 'on', active: true, capabilities: { inference: true } },
      { id: 'off', active: false },
      { id: 'base', capabilities: { inference: false, fine_tune: true } },
    ];
    expect(openai!.read({ data }).models).toEqual([{ model: 'on', created: 0 }]);
  });

  it.each([
    [1772668800, 1772668800],
    [1772668800.9, 1772668800],
    [1772668800123, 1772668800],
    ['2026-03-05T00:00:00Z', 1772668800],
    ['soon', 0],
    [null, 0],
    [-1, 0],
    [Infinity, 0],
  ])('the creation time %j is read as %i seconds', (value, seconds) => expect(created(value)).toBe(seconds));

  it('names that cannot be called are left out', () => {
    const data = [
      { id: '' },
      { id: 'a b' },
      { id: 'a\nb' },
      { id: 7 },
      {},
      null,
      { id: 'x'.repeat(257) },
      { id: 'ok' },
    ];
    expect(openai!.read({ data }).models.map(({ model }) => model)).toEqual(['ok']);
  });

  it.each([[null], ['models'], [{}], [{ data: {} }], [{ error: { message: 'no' } }]])(
    'the document %j is not a model list',
    (document) => {
      expect(() => openai!.read(document)).toThrow();
    },
  );
});

describe("Anthropic's model list", () => {
  it('an Anthropic list gives display names and creation times', () => {
    expect(anthropic!.read(fixture('anthropic'))).toEqual({
      models: [
        { model: 'claude-sonnet-4-5-20250929', created: 1759104000, displayName: 'Claude Sonnet 4.5' },
        { model: 'claude-opus-5-5', created: 1790035200, displayName: 'Claude Opus 5.5' },
      ],
      next: null,
    });
  });

  it('the next page of an Anthropic list follows its last name', () => {
    const page = { data: [{ id: 'a/b' }], has_more: true, first_id: 'a/b', last_id: 'a/b' };
    expect(anthropic!.read(page).next).toBe('limit=1000&after_id=a%2Fb');
    expect(anthropic!.read({ ...page, last_id: null }).next).toBeNull();
  });
});

describe("Gemini's model list", () => {
  it('a Gemini list gives bare names of models that generate or embed', () => {
    const { models } = fixture('gemini') as { models: object[] };
    const others = [
      { name: 'models/veo-3', supportedGenerationMethods: ['predictLongRunning'] },
      { name: 'models/aqa', supportedGenerationMethods: ['generateAnswer'] },
      { name: 'models/unknown' },
    ];
    expect(gemini!.read({ models: [...models, ...others] })).toEqual({
      models: [
        { model: 'gemini-2.5-flash', created: 0, displayName: 'Gemini 2.5 Flash' },
        { model: 'gemini-embedding-001', created: 0, displayName: 'Gemini Embedding 001' },
      ],
      next: null,
    });
  });

  it('a Gemini list continues with its token and may be empty', () => {
    expect(gemini!.read({ models: [], nextPageToken: 'a=b' }).next).toBe('pageSize=1000&pageToken=a%3Db');
    expect(gemini!.read({})).toEqual({ models: [], next: null });
  });
});

describe("Cohere's model list", () => {
  it('a Cohere list gives the models that chat or embed', () => {
    const { models } = fixture('cohere') as { models: object[] };
    const rerank = { name: 'rerank-v4.0', endpoints: ['rerank'] };
    expect(cohere!.read({ models: [...models, rerank], next_page_token: 'next' })).toEqual({
      models: [
        { model: 'command-a-03-2025', created: 0 },
        { model: 'embed-v4.0', created: 0 },
      ],
      next: 'page_size=1000&page_token=next',
    });
    expect(cohere!.read(fixture('cohere')).next).toBeNull();
  });
});

describe("Bedrock's model lists", () => {
  it('the list of foundation models gives those that are called by their own name', () => {
    const model = {
      modelId: 'amazon.nova-lite-v1:0',
      modelName: 'Nova Lite',
      outputModalities: ['TEXT'],
      inferenceTypesSupported: ['ON_DEMAND'],
      modelLifecycle: { status: 'ACTIVE' },
    };
    const others = [
      { ...model, modelId: 'by-profile', inferenceTypesSupported: ['INFERENCE_PROFILE'] },
      { ...model, modelId: 'pictures', outputModalities: ['IMAGE'] },
    ];
    expect(bedrock!.read({ modelSummaries: [model, ...others] })).toEqual({
      models: [{ model: 'amazon.nova-lite-v1:0', created: 0, displayName: 'Nova Lite' }],
      next: null,
    });
  });

  it('the list of inference profiles gives active profiles and continues with its token', () => {
    const profile = {
      inferenceProfileId: 'eu.anthropic.claude-opus-5-5',
      inferenceProfileName: 'EU Claude Opus 5.5',
      status: 'ACTIVE',
      createdAt: '2026-09-22T00:00:00Z',
    };
    const inferenceProfileSummaries = [profile, { ...profile, inferenceProfileId: 'gone', status: 'DELETING' }];
    expect(bedrock!.read({ inferenceProfileSummaries, nextToken: 'a+b' })).toEqual({
      models: [{ model: 'eu.anthropic.claude-opus-5-5', created: 1790035200, displayName: 'EU Claude Opus 5.5' }],
      next: 'maxResults=1000&nextToken=a%2Bb',
    });
    expect(() => bedrock!.read({ message: 'no' })).toThrow();
  });
});
