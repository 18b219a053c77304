/** Returns the rate limits of a refused call as headers of the client's API family. Flat; lower-case names. Pure. */
import type { DialectId } from '../../../providers/dialects/base/dialect.js';
import { isRate } from '../definitions/limit.js';
import type { Stand } from './limit-refusal.js';

const KINDS = ['requests', 'tokens'] as const;

/** Of each kind, the limit with the least remaining. */
export function rateHeaders(stands: readonly Stand[], dialect: DialectId, now: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const kind of KINDS) {
    const rates = stands.filter(({ limit }) => isRate(limit) && limit.limitType === kind);
    if (rates.length === 0) continue;
    const tightest = rates.reduce((a, b) => (remaining(b) < remaining(a) ? b : a));
    const told = { limit: tightest.limit.most, remaining: remaining(tightest) };
    for (const [what, value] of Object.entries(told)) headers[nameOf(dialect, kind, what)] = String(value);
    headers[nameOf(dialect, kind, 'reset')] =
      dialect === 'anthropic' ? new Date(tightest.emptyAt).toISOString() : durationOf(tightest.emptyAt - now);
  }
  return headers;
}

const remaining = ({ limit, used, held }: Stand): number => Math.max(0, limit.most - used - held);

/**
 * Anthropic: `anthropic-ratelimit-requests-limit`; OpenAI and all dialects without such headers:
 * `x-ratelimit-limit-requests`.
 */
const nameOf = (dialect: DialectId, kind: string, what: string): string =>
  dialect === 'anthropic' ? `anthropic-ratelimit-${kind}-${what}` : `x-ratelimit-${what}-${kind}`;

/** OpenAI's format: `59s`, `740ms`. */
function durationOf(milliseconds: number): string {
  const whole = Math.max(1, Math.ceil(milliseconds));
  return whole < 1_000 ? `${whole}ms` : `${Number((whole / 1_000).toFixed(3))}s`;
}
