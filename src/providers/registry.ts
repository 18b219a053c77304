import type { ProviderAdapter, ProviderId } from './contract/provider-adapter.js';
import * as listed from './provider-list.js';

const BY_ID: ReadonlyMap<ProviderId, ProviderAdapter> = new Map(
  Object.values(listed).map((adapter) => [adapter.id, adapter]),
);

/** Every registered provider, by name. */
export const PROVIDERS: readonly ProviderAdapter[] = [...BY_ID.values()];

export const PROVIDER_IDS: readonly ProviderId[] = [...BY_ID.keys()];

/** Returns undefined for an id that does not belong to a provider. */
export function findProvider(id: ProviderId): ProviderAdapter | undefined {
  return BY_ID.get(id);
}
