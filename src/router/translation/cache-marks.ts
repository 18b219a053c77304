/**
 * Marks of what a vendor is to keep in its cache of prompts: `cache_control` (platform.claude.com/docs/en/build-with-claude/
 * prompt-caching), which the pivot has on content parts, messages, calls and tools, as OpenRouter and clients of several routers do.
 */
import type { JsonObject } from './chat.js';

export interface CacheMarked {
  cache_control?: { type?: string; ttl?: string } | null;
}

/** Copies the mark, where there is one. Changes `to` itself. */
export function withCache<T extends object>(from: object, to: T): T {
  const { cache_control: mark } = from as JsonObject;
  if (mark !== undefined && mark !== null) (to as JsonObject)['cache_control'] = mark;
  return to;
}

/** What is made of one marked thing is kept up to its last part. Changes that part. */
export function withCacheOnLast<T extends object>(from: object, to: T[]): T[] {
  const last = to.at(-1);
  if (last) withCache(from, last);
  return to;
}
