import { findDialect } from '../../providers/dialect-at.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import { getDialect } from '../../providers/dialects/registry.js';
import { findProvider } from '../../providers/registry.js';

// The Model Router serves paths of OpenAI's and of Anthropic's API, for models of every dialect.
const OPENAI = getDialect('openai');
export const ANTHROPIC = getDialect('anthropic');
const ROUTED_MESSAGES = /^\/v1\/model-router\/(?:[0-9a-f-]{36}\/)?v1\/messages(?:[/?]|$)/i;
const PROVIDER_SEGMENT = /^\/v1\/([a-z0-9-]+)/;

/** Returns the dialect that a client of this URL speaks; OpenAI's by default. */
export function findDialectByUrl(rawUrl: string): Dialect {
  const provider = findProvider(PROVIDER_SEGMENT.exec(rawUrl)?.[1] ?? '');
  if (provider) return findDialect(provider, rawUrl.split('?', 1)[0]!);
  return ROUTED_MESSAGES.test(rawUrl) ? ANTHROPIC : OPENAI;
}
