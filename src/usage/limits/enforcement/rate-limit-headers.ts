/** Returns the rate limits of a refused call as headers of the client's API family. Flat; lower-case names. Pure. */
import type { DialectId } from '../../../providers/dialects/base/dialect.js';
import { isRateLimit } from '../definitions/limit.js';
import { describeLimitType, LIMIT_TYPE_IDS } from '../definitions/limit-types.js';
import type { LimitStatus } from './limit-refusal.js';

/** Of each type, the limit with the least remaining. */
export function buildRateLimitHeaders(
  statuses: readonly LimitStatus[],
  dialect: DialectId,
  now: number,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const type of LIMIT_TYPE_IDS) {
    const { headerQuantity: quantity } = describeLimitType(type);
    const rates = statuses.filter(({ limit }) => isRateLimit(limit) && limit.limitType === type);
    if (quantity === null || rates.length === 0) continue;
    const tightest = rates.reduce((a, b) => (remaining(b) < remaining(a) ? b : a));
    const values = { limit: tightest.limit.max, remaining: remaining(tightest) };
    for (const [what, value] of Object.entries(values)) headers[nameOf(dialect, quantity, what)] = String(value);
    headers[nameOf(dialect, quantity, 'reset')] =
      dialect === 'anthropic' ? new Date(tightest.emptyAt).toISOString() : durationOf(tightest.emptyAt - now);
  }
  return headers;
}

const remaining = ({ limit, used, held }: LimitStatus): number => Math.max(0, limit.max - used - held);

/**
 * Anthropic: `anthropic-ratelimit-requests-limit`; OpenAI and all dialects without such headers:
 * `x-ratelimit-limit-requests`.
 */
const nameOf = (dialect: DialectId, quantity: string, what: string): string =>
  dialect === 'anthropic' ? `anthropic-ratelimit-${quantity}-${what}` : `x-ratelimit-${what}-${quantity}`;

/** OpenAI's format: `59s`, `740ms`. */
function durationOf(milliseconds: number): string {
  const whole = Math.max(1, Math.ceil(milliseconds));
  return whole < 1_000 ? `${whole}ms` : `${Number((whole / 1_000).toFixed(3))}s`;
}
