/** Selects the limits that apply to a call. Pure. */
import { clientOf, teamsOf, userOf, type Caller } from '../../../auth/callers/caller.js';
import type { Billing } from '../../../providers/contract/billing.js';
import { matchesModel } from '../../../providers/prices/model-patterns.js';
import { isRate, type Limit, type LimitedEntity } from './limit.js';
import type { LimitSet } from './limit-set.js';

/** Target of a call. */
export interface LimitedPlace {
  readonly proxyId: string | null;
  readonly provider: string;
  /** As sent to the provider; empty: the call does not name a model. */
  readonly models: readonly string[];
  /** A seat at the vendor is exempt from budgets in dollars. */
  readonly billing: Billing;
}

/** Budgets first: a caller with an exhausted budget should not be advised to retry in a minute. */
export function limitsOn(limits: LimitSet, caller: Caller, place: LimitedPlace): Limit[] {
  const client = clientOf(caller);
  const user = userOf(caller);
  const entities: [LimitedEntity, string][] = [['organization', caller.organisationId]];
  for (const team of teamsOf(caller)) entities.push(['team', team]);
  if (user) entities.push(['user', user]);
  if (caller.subject.type === 'virtual-key') entities.push(['virtual_key', caller.subject.id]);
  if (client) entities.push(['oauth_client', client]);
  if (place.proxyId) entities.push(['llm_proxy', place.proxyId]);
  return entities
    .flatMap(([type, id]) => limits.on(type, id))
    .filter(
      (limit) => isOnModel(limit, place) && !(limit.limitType === 'token_cost' && place.billing === 'subscription'),
    )
    .sort((a, b) => Number(isRate(a)) - Number(isRate(b)));
}

/** A call that does not name a model counts against all models. */
const isOnModel = ({ model: patterns }: Limit, { provider, models }: LimitedPlace): boolean =>
  patterns.length === 0 || models.length === 0 || models.some((model) => matchesModel(patterns, provider, model));
