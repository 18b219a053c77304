import type { Dialect } from './dialects/dialect.js';
import { dialectOf } from './dialects/dialect-registry.js';
import { openAiDialectWith } from './dialects/openai.dialect.js';
import type { ProviderAdapter } from './provider-adapter.js';

/** The language that the provider speaks at this path. Something may stand before the vendor's path; a query may not follow. */
export function dialectAt(adapter: ProviderAdapter, path: string): Dialect {
  const dialect = dialectOf(adapter.dialectOfPath?.(path) ?? adapter.dialect);
  const errors = adapter.compatibility?.errors;
  return errors && dialect.id === 'openai' ? openAiDialectWith(errors) : dialect;
}
