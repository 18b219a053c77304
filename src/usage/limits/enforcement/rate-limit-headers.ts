/** Returns the rate limits of a refused call as headers of the client's API family. Flat; lower-case names. Pure. */
import type { Dialect } from '../../../providers/dialects/base/dialect.js';
import { isRateLimit } from '../definitions/limit.js';
import { describeLimitType, LIMIT_TYPE_IDS } from '../definitions/limit-types.js';
import type { LimitStatus } from './limit-status.js';

/** Of each type, the limit with the least remaining. */
export function buildRateLimitHeaders(
  statuses: readonly LimitStatus[],
  { renderRateLimit }: Pick<Dialect, 'renderRateLimit'>,
  now: number,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const type of LIMIT_TYPE_IDS) {
    const { headerQuantity: quantity } = describeLimitType(type);
    const rates = statuses.filter(({ limit }) => isRateLimit(limit) && limit.limitType === type);
    if (quantity === null || rates.length === 0) continue;
    const tightest = rates.reduce((a, b) => (getRemaining(b) < getRemaining(a) ? b : a));
    const { limit, emptyAt } = tightest;
    const state = { quantity, limit: limit.max, remaining: getRemaining(tightest), resetAt: emptyAt };
    Object.assign(headers, renderRateLimit(state, now));
  }
  return headers;
}

const getRemaining = ({ limit, used, reserved }: LimitStatus): number => Math.max(0, limit.max - used - reserved);
