/** Converts cache marks to Converse's (docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html). */
import type { CacheMarked } from '../../../pivot/cache-marks.js';
import { isAbsent } from '../../../pivot/body-shape.js';
import type { BedrockModel } from '../models.js';
import type { CachePoint, ContentBlock, ToolConfig, Turn } from '../wire.js';

/** Maximum per request. */
const MAX_CACHE_POINTS = 4;
/** Time to live that every model supports. */
const USUAL_TTL = '5m';

/**
 * Returns the cache point that follows the marked part; null if the mark is absent, or the model does not cache here.
 * @param path of the mark in the client's request, for `dropped`
 */
export function toCachePoint(
  { cache_control: mark }: CacheMarked,
  { takesTtl }: Pick<BedrockModel, 'takesTtl'>,
  caches: boolean,
  path: string,
  dropped: Set<string>,
): CachePoint | null {
  if (isAbsent(mark)) return null;
  if (!caches) {
    dropped.add(path);
    return null;
  }
  const ttl = (mark as { ttl?: unknown }).ttl;
  if (typeof ttl !== 'string' || ttl === USUAL_TTL) return { type: 'default' };
  if (takesTtl) return { type: 'default', ttl };
  dropped.add(`${path}.ttl`);
  return { type: 'default' };
}

type Cacheable = { tools: ToolConfig['tools']; system: ContentBlock[]; messages: readonly Turn[] };

/** Keeps the last marks: each one covers everything before it. Changes the lists. */
export function limitCachePoints({ tools, system, messages }: Cacheable, dropped: Set<string>): void {
  const lists: object[][] = [tools, system, ...messages.map(({ content }) => content)];
  let excess = lists.flat().filter(isMark).length - MAX_CACHE_POINTS;
  if (excess <= 0) return;
  dropped.add('cache_control');
  for (const list of lists)
    for (let i = 0; i < list.length && excess > 0;) {
      if (!isMark(list[i]!)) {
        i++;
        continue;
      }
      list.splice(i, 1);
      excess--;
    }
}

const isMark = (element: object): boolean => 'cachePoint' in element;
