/**
 * Restricts model names in metric labels. Clients choose the names, and every new label costs memory permanently, here
 * and in the metrics store; so only the names of the price list are labels, about 1,100, and all others are `other`.
 */
import { calcPrice } from '@pydantic/genai-prices';
import { findProvider } from '../../providers/registry.js';

/** Maximum of cached names. Clients can invent names, so the cache is cleared when it is full. */
const MAX_CACHED = 5_000;

/** Far longer than any listed model's name. */
const MAX_CHARS = 256;

const labelCache = new Map<string, string>();

/**
 * Returns the price list's name of the model: `gpt-4o` for `gpt-4o-2024-08-06`. Empty for none, `other` if the list
 * lacks it.
 */
export function getModelLabel(provider: string | null, model: string | null): string {
  if (provider === null || model === null) return '';
  if (model.length > MAX_CHARS) return 'other';
  const key = `${provider}\n${model}`;
  let label = labelCache.get(key);
  if (label === undefined) {
    if (labelCache.size >= MAX_CACHED) labelCache.clear();
    labelCache.set(key, (label = findListedName(provider, model) ?? 'other'));
  }
  return label;
}

function findListedName(provider: string, model: string): string | undefined {
  const providerId = findProvider(provider)?.priceProviderId;
  return providerId ? calcPrice({ input_tokens: 1 }, model, { providerId })?.model.id : undefined;
}
