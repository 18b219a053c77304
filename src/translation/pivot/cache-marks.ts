/**
 * Marks of content that a vendor keeps in its cache of prompts: `cache_control`
 * (platform.claude.com/docs/en/build-with-claude/prompt-caching). The pivot has the mark on content parts, messages,
 * calls and tools, as OpenRouter and clients of several routers do.
 */
import type { JsonObject } from './chat.js';

export interface CacheMarked {
  cache_control?: { type?: string; ttl?: string } | null;
}

/** Copies the mark, if there is one. Changes `to` itself. */
export function copyCacheMark<T extends object>(from: object, to: T): T {
  const { cache_control: mark } = from as JsonObject;
  if (mark !== undefined && mark !== null) (to as JsonObject)['cache_control'] = mark;
  return to;
}

/**
 * Copies the mark of one object to the last of the parts that it became, so that the cache includes all of them.
 * Changes that part.
 */
export function copyCacheMarkToLast<T extends object>(from: object, to: T[]): T[] {
  const last = to.at(-1);
  if (last) copyCacheMark(from, last);
  return to;
}
