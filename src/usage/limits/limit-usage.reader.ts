/** Reads the usage of the limits that would apply to a call. Reserves nothing. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { selectApplicableLimits, type LimitedTarget } from './definitions/applicable-limits.js';
import { getChosenWindow, isRateLimit, type Limit } from './definitions/limit.js';
import { fromUnits } from './definitions/limit-types.js';
import type { LimitWindow } from './definitions/limit-window.js';
import { LimitCounters } from './counters/limit-counters.js';
import { getRefusalReason } from './enforcement/limit-refusal.js';
import type { LimitUsage } from './admin/limits.dto.js';
import { toLimitUsage } from './admin/limits.reader.js';
import { OrganizationLimitsLookup } from './definitions/organization-limits.lookup.js';

export interface LimitWithUsage extends LimitUsage {
  readonly limit: Limit;
  /** In an admin's unit. */
  readonly limitValue: number;
  /** Null: the type has a fixed window. */
  readonly window: LimitWindow | null;
}

@Injectable()
export class LimitUsageReader {
  constructor(
    private readonly limits: OrganizationLimitsLookup,
    private readonly counters: LimitCounters,
    private readonly clock: Clock,
  ) {}

  /** Returns them in the order in which they decide. Throws `temporarily_unavailable`. */
  async read(caller: Caller, target: LimitedTarget): Promise<LimitWithUsage[]> {
    const applicable = selectApplicableLimits(await this.limits.get(caller.organizationId), caller, target);
    const readings = await this.counters.read(applicable);
    const now = this.clock.now();
    return applicable.map((limit, i) => ({
      limit,
      limitValue: fromUnits(limit.limitType, limit.max),
      window: getChosenWindow(limit),
      ...toLimitUsage(limit, readings[i]!, now),
    }));
  }
}

/**
 * Returns the refusal of a call by an exhausted limit; null: the limit has room. Whether a particular call exceeds the
 * rest is unknown until it is made.
 */
export function findLimitRefusal({
  limit,
  limitValue,
  used,
  reserved,
  remaining,
}: LimitWithUsage): GatewayError | null {
  if (remaining === null || remaining > 0) return null;
  const detail = `The limit ${limit.id} of this ${limit.entityType.replace('_', ' ')} has nothing left: ${used} of ${limitValue} used, ${reserved} held by calls under way.`;
  return new GatewayError(isRateLimit(limit) ? 'rate_limited' : 'budget_exceeded', detail, {
    reason: getRefusalReason({ limit }),
  });
}
