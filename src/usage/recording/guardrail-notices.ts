/** Notifies webhooks of calls that a guardrail refused or interrupted. */
import { Injectable } from '@nestjs/common';
import { WebhookNotices } from '../../outbox/webhook-notices.js';
import type { OrgId } from '../../platform/ids.js';
import type { InteractionRecord } from './interaction-record.js';
import { UsageRecorder } from './usage-recorder.js';

/**
 * Per organization and process. A caller that is blocked in a loop must not flood a receiver; the records contain every
 * case.
 */
const MAX_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

@Injectable()
export class GuardrailNotices {
  #minute = 0;
  #countByOrganization = new Map<OrgId, number>();

  constructor(
    recorder: UsageRecorder,
    private readonly notices: WebhookNotices,
  ) {
    recorder.onRecord((record) => {
      if (record.guardrails !== null) this.#notify(record);
    });
  }

  #notify({ id, organizationId, proxyId, guardrails, createdAt }: InteractionRecord): void {
    if (organizationId === null) return;
    const blocked = guardrails!.find(({ action }) => action === 'block');
    if (!blocked || !this.#mayNotify(organizationId, createdAt)) return;
    const { guardrail, on } = blocked;
    this.notices.notify(organizationId, 'guardrail.blocked', { interactionId: id, proxyId, guardrail, on });
  }

  #mayNotify(organizationId: OrgId, now: number): boolean {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#countByOrganization = new Map();
    }
    const count = (this.#countByOrganization.get(organizationId) ?? 0) + 1;
    this.#countByOrganization.set(organizationId, count);
    return count <= MAX_PER_MINUTE;
  }
}
