/** Renders the list of models for clients of each API family. Pure. */
import type { CatalogModel } from './model-catalog.js';

export interface OpenAiModelList {
  object: 'list';
  data: { id: string; object: 'model'; created: number; owned_by: string }[];
  /** Always empty: some clients look for this member before they look for `data`. */
  models: never[];
}

/** https://platform.openai.com/docs/api-reference/models/list */
export const renderModelList = (models: readonly CatalogModel[]): OpenAiModelList => ({
  object: 'list',
  data: models.map(({ id, created, ownedBy }) => ({ id, object: 'model', created, owned_by: ownedBy })),
  models: [],
});

export interface AnthropicModelList {
  data: { type: 'model'; id: string; display_name: string; created_at: string }[];
  has_more: false;
  first_id: string | null;
  last_id: string | null;
}

/** Renders all models on one page and ignores the client's `limit`. https://docs.anthropic.com/en/api/models-list */
export const renderAnthropicModelList = (models: readonly CatalogModel[]): AnthropicModelList => ({
  data: models.map(({ id, created, displayName }) => ({
    type: 'model',
    id,
    display_name: displayName ?? id,
    created_at: new Date(created * 1000).toISOString().replace('.000Z', 'Z'),
  })),
  has_more: false,
  first_id: models[0]?.id ?? null,
  last_id: models.at(-1)?.id ?? null,
});
