/** Selects the limits that apply to a call. Pure. */
import { getClientId, getTeamIds, getUserId, type Caller } from '../../../auth/callers/caller.js';
import type { Billing } from '../../../providers/contract/billing.js';
import { matchesModel } from '../../../providers/prices/model-patterns.js';
import { isRateLimit, type Limit, type LimitedEntity } from './limit.js';
import { describeLimitType } from './limit-types.js';
import type { LimitSet } from './limit-set.js';

/** Target of a call. */
export interface LimitedTarget {
  readonly proxyId: string | null;
  readonly provider: string;
  /** As sent to the provider; empty: the call does not name a model. */
  readonly models: readonly string[];
  readonly billing: Billing;
}

/** Budgets first: a caller with an exhausted budget should not be advised to retry in a minute. */
export function selectApplicableLimits(limits: LimitSet, caller: Caller, target: LimitedTarget): Limit[] {
  const client = getClientId(caller);
  const user = getUserId(caller);
  const entities: [LimitedEntity, string][] = [['organization', caller.organizationId]];
  for (const team of getTeamIds(caller)) entities.push(['team', team]);
  if (user) entities.push(['user', user]);
  if (caller.subject.type === 'virtual-key') entities.push(['virtual_key', caller.subject.id]);
  if (client) entities.push(['oauth_client', client]);
  if (target.proxyId) entities.push(['llm_proxy', target.proxyId]);
  return entities
    .flatMap(([type, id]) => limits.find(type, id))
    .filter(
      (limit) => isModelCovered(limit, target) && describeLimitType(limit.limitType).exemptBilling !== target.billing,
    )
    .sort((a, b) => Number(isRateLimit(a)) - Number(isRateLimit(b)));
}

/** A call that does not name a model counts against all models. */
const isModelCovered = ({ model: patterns }: Limit, { provider, models }: LimitedTarget): boolean =>
  patterns.length === 0 || models.length === 0 || models.some((model) => matchesModel(patterns, provider, model));
