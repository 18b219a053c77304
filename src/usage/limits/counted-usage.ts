/** What of a call counts against a limit, before and after it. Pure. */
import type { Caller } from '../../auth/caller.js';
import type { TokenUsage } from '../../providers/dialects/dialect.js';
import type { LimitType } from './limit.js';

/** The method of callers who pay the provider themselves. */
export const SUBSCRIPTION_METHOD = 'provider-key';

/** A subscription of the caller's own beside a key of ours: what it would have cost is shown, and nobody is billed for it. */
export const isSubscription = ({ method, subject }: Pick<Caller, 'method' | 'subject'>): boolean =>
  method === SUBSCRIPTION_METHOD && subject.type === 'virtual-key';

export interface UsedOrEstimated {
  usage: Pick<TokenUsage, 'inputTokens' | 'outputTokens'> | null;
  costMicroUsd: number | null;
}

/** In the unit of the limit's type. Parts of a micro-dollar count as a whole one. */
export function unitsOf(type: LimitType, { usage, costMicroUsd }: UsedOrEstimated): number {
  switch (type) {
    case 'requests':
      return 1;
    case 'tokens':
      return usage === null ? 0 : usage.inputTokens + usage.outputTokens;
    case 'token_cost':
      return Math.ceil(costMicroUsd ?? 0);
  }
}
