/** Computes the amount of a call that counts against a limit, before and after it. Pure. */
import type { TokenUsage } from '../../../providers/dialects/base/dialect.js';
import type { LimitType } from '../definitions/limit.js';

export interface UsedOrEstimated {
  usage: Pick<TokenUsage, 'inputTokens' | 'outputTokens'> | null;
  costMicroUsd: number | null;
}

/** Returns the amount to reserve for a call, in the unit of the limit's type. */
export const computeHeldUnits = (type: LimitType, estimate: UsedOrEstimated): number =>
  type === 'parallel_requests' ? 1 : computeUsedUnits(type, estimate);

/**
 * Returns the amount that a finished call used, in the unit of the limit's type. A fraction of a micro-dollar counts as
 * a whole one.
 */
export function computeUsedUnits(type: LimitType, { usage, costMicroUsd }: UsedOrEstimated): number {
  switch (type) {
    case 'requests':
      return 1;
    case 'tokens':
      return usage === null ? 0 : usage.inputTokens + usage.outputTokens;
    case 'token_cost':
      return Math.ceil(costMicroUsd ?? 0);
    case 'parallel_requests':
      return 0;
  }
}
