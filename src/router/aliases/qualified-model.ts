import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import { findProvider } from '../../providers/registry.js';

export interface QualifiedModel {
  provider: ProviderAdapter;
  /** Model id as the provider names it. Never empty. */
  model: string;
}

/**
 * Reads `provider:model` (or `provider/model`). Returns null when the part before the first `:` or `/` does not name a
 * registered provider; then the whole is a name by itself: `llama3:8b`, `meta-llama/…`, an alias.
 */
export function parseQualifiedModel(name: string): QualifiedModel | null {
  const end = name.search(/[:/]/);
  if (end < 1 || end === name.length - 1) return null;
  const provider = findProvider(name.slice(0, end));
  return provider ? { provider, model: name.slice(end + 1) } : null;
}
