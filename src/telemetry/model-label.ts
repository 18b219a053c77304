/**
 * Model names as metric labels. They come from clients, and every new label is memory for ever, here and in whatever
 * stores the metrics; so only the names of the price list are labels, about 1,100, and the rest is `other`.
 */
import { calcPrice } from '@pydantic/genai-prices';
import { findProvider } from '../providers/registry.js';

/** Clients can invent names; beyond this many the memory is emptied. */
const MAX_REMEMBERED = 5_000;

/** No listed model's name is nearly as long. */
const MOST_CHARS = 256;

const remembered = new Map<string, string>();

/** The price list's name for the model: `gpt-4o` for `gpt-4o-2024-08-06`. Empty for none, `other` for one it lacks. */
export function modelLabel(provider: string | null, model: string | null): string {
  if (provider === null || model === null) return '';
  if (model.length > MOST_CHARS) return 'other';
  const key = `${provider}\n${model}`;
  let label = remembered.get(key);
  if (label === undefined) {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, (label = listedName(provider, model) ?? 'other'));
  }
  return label;
}

function listedName(provider: string, model: string): string | undefined {
  const providerId = findProvider(provider)?.priceProviderId;
  return providerId ? calcPrice({ input_tokens: 1 }, model, { providerId })?.model.id : undefined;
}
