import type { CatalogModel } from './model-catalog.js';
import { renderAnthropicModelList, renderModelList } from './model-list-rendering.js';

const MODELS: CatalogModel[] = [
  {
    id: 'anthropic:claude-opus-5-5',
    provider: 'anthropic',
    model: 'claude-opus-5-5',
    created: 1790035200,
    ownedBy: 'anthropic',
    displayName: 'Claude Opus 5.5',
  },
  { id: 'fast', provider: null, model: 'fast', created: 0, ownedBy: 'gatehouse' },
];

it("a model list has OpenAI's form and the empty member models for Codex", () => {
  expect(renderModelList(MODELS)).toEqual({
    object: 'list',
    data: [
      { id: 'anthropic:claude-opus-5-5', object: 'model', created: 1790035200, owned_by: 'anthropic' },
      { id: 'fast', object: 'model', created: 0, owned_by: 'gatehouse' },
    ],
    models: [],
  });
});

it("a model list has Anthropic's form on one page", () => {
  expect(renderAnthropicModelList(MODELS)).toEqual({
    data: [
      {
        type: 'model',
        id: 'anthropic:claude-opus-5-5',
        display_name: 'Claude Opus 5.5',
        created_at: '2026-09-22T00:00:00Z',
      },
      { type: 'model', id: 'fast', display_name: 'fast', created_at: '1970-01-01T00:00:00Z' },
    ],
    has_more: false,
    first_id: 'anthropic:claude-opus-5-5',
    last_id: 'fast',
  });
  expect(renderAnthropicModelList([])).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
});
