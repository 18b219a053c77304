/** Notifies webhooks when limits fill up. Calls never wait for it. */
import { Injectable } from '@nestjs/common';
import type { ToldLimit } from '../../../outbox/webhook-events.js';
import { WebhookNotices } from '../../../outbox/webhook-notices.js';
import { Clock } from '../../../platform/time/clock.js';
import { fromUnits, isRate, type Limit } from '../definitions/limit.js';
import { LimitCounters, type UsedChange } from '../counters/limit-counters.js';
import { periodOf } from '../definitions/limit-window.js';

const THRESHOLDS_PERCENT = [50, 80, 100] as const;

@Injectable()
export class LimitNotices {
  constructor(
    counters: LimitCounters,
    private readonly notices: WebhookNotices,
    private readonly clock: Clock,
  ) {
    counters.onUsed((change) => this.#passed(change));
  }

  /**
   * A call was refused by the limit; `used` in the limit's unit. Skips rate limits: they end before a reader could
   * react.
   */
  exceeded(limit: Limit, used: number): void {
    if (isRate(limit)) return;
    const data = { ...told(limit), used: fromUnits(limit.limitType, used) };
    this.notices.tell(limit.organisationId, 'limit.exceeded', data, this.#onceKey(limit, 'exceeded'));
  }

  #passed({ limit, before, after }: UsedChange): void {
    for (const thresholdPercent of THRESHOLDS_PERCENT) {
      const mark = (limit.most * thresholdPercent) / 100;
      if (before >= mark || after < mark) continue;
      const data = { ...told(limit), thresholdPercent, used: fromUnits(limit.limitType, after) };
      const onceKey = this.#onceKey(limit, String(thresholdPercent));
      this.notices.tell(limit.organisationId, 'limit.threshold_reached', data, onceKey);
    }
  }

  /** One notification per window, and another one after a change of the limit. */
  #onceKey({ counter, most, window }: Limit, what: string): string {
    return `${counter}:${most}:${what}:${periodOf(window, this.clock.now())}`;
  }
}

const told = ({ id, entityType, entityId, limitType, most, window, model }: Limit): ToldLimit => ({
  limitId: id,
  entityType,
  entityId,
  limitType,
  limitValue: fromUnits(limitType, most),
  window,
  model,
});
