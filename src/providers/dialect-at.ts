import type { Dialect } from './dialects/base/dialect.js';
import { getDialect } from './dialects/registry.js';
import { createOpenAiDialect } from './dialects/openai.dialect.js';
import type { ProviderAdapter } from './contract/provider-adapter.js';

/**
 * Returns the dialect that the provider speaks at this path. A prefix may precede the vendor's path; a query must not
 * follow it.
 */
export function findDialect(adapter: ProviderAdapter, path: string): Dialect {
  const dialect = getDialect(adapter.findDialectId?.(path) ?? adapter.dialect);
  const errors = adapter.compatibility?.errors;
  return errors && dialect.id === 'openai' ? createOpenAiDialect(errors) : dialect;
}
