import { listPrices } from '../../providers/prices/model-prices.js';
import type { ProviderId } from '../../providers/contract/provider-adapter.js';
import type { ListedModel } from '../../providers/dialects/base/model-list.js';

/**
 * Lists by provider, built once: building them takes some ten milliseconds, and the price list is part of the program.
 */
let byProvider: ReadonlyMap<ProviderId, readonly ListedModel[]> | null = null;

/**
 * Returns the models that the price list knows for a provider: the fallback where the provider itself cannot list them.
 */
export function listPricedModels(provider: ProviderId): readonly ListedModel[] {
  byProvider ??= groupByProvider();
  return byProvider.get(provider) ?? [];
}

function groupByProvider(): ReadonlyMap<ProviderId, readonly ListedModel[]> {
  const groups = new Map<ProviderId, ListedModel[]>();
  for (const { provider, model } of listPrices()) {
    const group = groups.get(provider);
    if (group) group.push({ model, created: 0 });
    else groups.set(provider, [{ model, created: 0 }]);
  }
  return groups;
}
