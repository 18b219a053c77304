/** Reads the usage of the limits that would apply to a call. Reserves nothing. */
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { limitsOn, type LimitedPlace } from './definitions/applicable-limits.js';
import { fromUnits, isRate, type Limit } from './definitions/limit.js';
import { LimitCounters } from './counters/limit-counters.js';
import { reasonOf } from './enforcement/limit-refusal.js';
import type { LimitStanding } from './admin/limits.dto.js';
import { standingOf } from './admin/limits.reader.js';
import { OrganisationLimits } from './definitions/organization-limits.lookup.js';

export interface StandingLimit extends LimitStanding {
  readonly limit: Limit;
  /** In an admin's unit. */
  readonly limitValue: number;
}

@Injectable()
export class LimitStandings {
  constructor(
    private readonly limits: OrganisationLimits,
    private readonly counters: LimitCounters,
    private readonly clock: Clock,
  ) {}

  /** Returns them in the order in which they decide. Throws `temporarily_unavailable`. */
  async of(caller: Caller, place: LimitedPlace): Promise<StandingLimit[]> {
    const applying = limitsOn(await this.limits.of(caller.organisationId), caller, place);
    const readings = await this.counters.read(applying);
    const now = this.clock.now();
    return applying.map((limit, i) => ({
      limit,
      limitValue: fromUnits(limit.limitType, limit.most),
      ...standingOf(limit, readings[i]!, now),
    }));
  }
}

/**
 * Returns the refusal of a call by an exhausted limit; null: the limit has room. Whether a particular call exceeds the
 * rest is unknown until it is made.
 */
export function refusalBy({ limit, limitValue, used, reserved, remaining }: StandingLimit): GatewayError | null {
  if (remaining === null || remaining > 0) return null;
  const detail = `The limit ${limit.id} of this ${limit.entityType.replace('_', ' ')} has nothing left: ${used} of ${limitValue} used, ${reserved} held by calls under way.`;
  return new GatewayError(isRate(limit) ? 'rate_limited' : 'budget_exceeded', detail, { reason: reasonOf({ limit }) });
}
