/** Builds the error for a call that exceeds a limit: which limit, and when it has room again. Pure. */
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { Dialect } from '../../../providers/dialects/base/dialect.js';
import type { CounterUsage } from '../counters/scripts.js';
import { getChosenWindow, isRateLimit } from '../definitions/limit.js';
import { describeLimitType, fromUnits } from '../definitions/limit-types.js';
import type { RequestedAmount } from '../counters/limit-counters.js';
import { toLimitStatus, type LimitStatus } from './limit-status.js';
import { buildRateLimitHeaders } from './rate-limit-headers.js';

/** `usages` is in the order of `requested`; at least one of them does not fit. */
export function buildLimitRefusal(
  requested: readonly RequestedAmount[],
  usages: readonly CounterUsage[],
  now: number,
  dialect: Pick<Dialect, 'renderRateLimit'>,
): GatewayError {
  const statuses = requested.map((amount, i) => toLimitStatus(amount, usages[i]!, now));
  const refused = statuses.filter(({ fits }) => !fits);
  const budgets = refused.filter(({ limit }) => !isRateLimit(limit));
  const decisive = (budgets.length > 0 ? budgets : refused).reduce((a, b) => (b.availableAt > a.availableAt ? b : a));
  return budgets.length > 0
    ? new GatewayError('budget_exceeded', formatBudgetText(decisive), {
        reason: getRefusalReason(decisive),
        retryAfterSeconds: computeSecondsUntil(decisive.availableAt, now),
        headers: buildLimitHeader(decisive),
      })
    : new GatewayError('rate_limited', formatRateLimitText(decisive), {
        reason: getRefusalReason(decisive),
        retryAfterSeconds: computeSecondsUntil(decisive.availableAt, now),
        headers: { ...buildLimitHeader(decisive), ...buildRateLimitHeaders(statuses, dialect, now) },
      });
}

const computeSecondsUntil = (instant: number, now: number): number => Math.max(0.001, (instant - now) / 1000);

const buildLimitHeader = ({ limit, availableAt }: LimitStatus): Record<string, string> => ({
  'x-gateway-limit': `${limit.id};scope=${limit.entityType};reset=${Math.ceil(availableAt / 1000)}`,
});

/** Returns the finer reason of a refusal. Stable. */
export function getRefusalReason({ limit }: Pick<LimitStatus, 'limit'>): string {
  const window = getChosenWindow(limit);
  return `${limit.entityType}_${limit.limitType}${window === null ? '' : `_${window}`}`;
}

function formatBudgetText(status: LimitStatus): string {
  const { limit, availableAt } = status;
  return `The budget of this ${limit.entityType.replace('_', ' ')} does not cover this call: ${formatLimitStatus(status)}. It has room again at ${new Date(availableAt).toISOString()}. Ask your administrator to raise the limit ${limit.id}, or ask for less with a lower ceiling on output tokens.`;
}

function formatRateLimitText(status: LimitStatus): string {
  const { limit, amount, reserved } = status;
  const name = `limit ${limit.id} of this ${limit.entityType.replace('_', ' ')}`;
  const { formatExceeded } = describeLimitType(limit.limitType);
  if (formatExceeded) return formatExceeded(reserved, limit.max, name);
  if (amount > limit.max)
    return `This call alone is more than the limit ${limit.id} lets pass in a minute: ${formatLimitStatus(status)}. Ask for less, with a lower ceiling on output tokens.`;
  return `Too much for one minute: ${formatLimitStatus(status)} (${name}). Try again when retry-after says.`;
}

function formatLimitStatus({ limit, amount, used, reserved }: LimitStatus): string {
  const { limitType: type, window, max } = limit;
  const { noun, symbol } = describeLimitType(type);
  const formatAmount = (units: number): string => `${symbol}${fromUnits(type, units)}`;
  return `${formatAmount(max)} of ${noun} per ${window.replace('_', ' ')}, ${formatAmount(used)} used, ${formatAmount(reserved)} held by calls under way, up to ${formatAmount(amount)} asked for`;
}
