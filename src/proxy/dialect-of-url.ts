import type { Dialect } from '../providers/dialects/dialect.js';
import { dialectOf } from '../providers/dialects/dialect-registry.js';
import { findProvider } from '../providers/registry.js';

const OPENAI = dialectOf('openai');
const PROVIDER_SEGMENT = /^\/v1\/([a-z0-9-]+)/;

/** The language that a client of this URL speaks; OpenAI's where nothing says otherwise. */
export function dialectOfUrl(rawUrl: string): Dialect {
  const provider = findProvider(PROVIDER_SEGMENT.exec(rawUrl)?.[1] ?? '');
  return provider ? dialectOf(provider.dialect) : OPENAI;
}
