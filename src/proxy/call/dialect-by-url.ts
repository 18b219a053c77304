import { findDialect } from '../../providers/dialect-at.js';
import type { Dialect } from '../../providers/dialects/base/dialect.js';
import { getDialect } from '../../providers/dialects/registry.js';
import { findProvider } from '../../providers/registry.js';

const OPENAI = getDialect('openai');
const ANTHROPIC = getDialect('anthropic');
/** Messages routes of the Model Router: Anthropic's dialect in front of every model. */
const ROUTED_MESSAGES = /^\/v1\/model-router\/(?:[0-9a-f-]{36}\/)?v1\/messages(?:[/?]|$)/i;
const PROVIDER_SEGMENT = /^\/v1\/([a-z0-9-]+)/;

/** Returns the dialect that a client of this URL speaks; OpenAI's by default. */
export function findDialectByUrl(rawUrl: string): Dialect {
  const provider = findProvider(PROVIDER_SEGMENT.exec(rawUrl)?.[1] ?? '');
  if (provider) return findDialect(provider, rawUrl.split('?', 1)[0]!);
  return ROUTED_MESSAGES.test(rawUrl) ? ANTHROPIC : OPENAI;
}
