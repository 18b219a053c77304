/** Notifies webhooks when limits fill up. Calls never wait for it. */
import { Injectable } from '@nestjs/common';
import type { WebhookLimit } from '../../../outbox/webhook-events.js';
import { WebhookNotices } from '../../../outbox/webhook-notices.js';
import { Clock } from '../../../platform/time/clock.js';
import { isRateLimit, type Limit } from '../definitions/limit.js';
import { fromUnits } from '../definitions/limit-types.js';
import { LimitCounters, type UsedChange } from '../counters/limit-counters.js';
import { computePeriod } from '../definitions/limit-window.js';

const THRESHOLDS_PERCENT = [50, 80, 100] as const;

@Injectable()
export class LimitNotices {
  constructor(
    counters: LimitCounters,
    private readonly notices: WebhookNotices,
    private readonly clock: Clock,
  ) {
    counters.onUsed((change) => this.#notifyThresholds(change));
  }

  /**
   * A call was refused by the limit; `used` in the limit's unit. Skips rate limits: they end before a reader could
   * react.
   */
  notifyExceeded(limit: Limit, used: number): void {
    if (isRateLimit(limit)) return;
    const data = { ...toWebhookLimit(limit), used: fromUnits(limit.limitType, used) };
    this.notices.notify(limit.organizationId, 'limit.exceeded', data, this.#buildOnceKey(limit, 'exceeded'));
  }

  #notifyThresholds({ limit, before, after }: UsedChange): void {
    for (const thresholdPercent of THRESHOLDS_PERCENT) {
      const threshold = (limit.max * thresholdPercent) / 100;
      if (before >= threshold || after < threshold) continue;
      const data = { ...toWebhookLimit(limit), thresholdPercent, used: fromUnits(limit.limitType, after) };
      const onceKey = this.#buildOnceKey(limit, String(thresholdPercent));
      this.notices.notify(limit.organizationId, 'limit.threshold_reached', data, onceKey);
    }
  }

  /** One notification per window, and another one after a change of the limit. */
  #buildOnceKey({ counter, max, window }: Limit, event: string): string {
    return `${counter}:${max}:${event}:${computePeriod(window, this.clock.now())}`;
  }
}

const toWebhookLimit = ({ id, entityType, entityId, limitType, max, window, model }: Limit): WebhookLimit => ({
  limitId: id,
  entityType,
  entityId,
  limitType,
  limitValue: fromUnits(limitType, max),
  window,
  model,
});
