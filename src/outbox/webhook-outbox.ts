/** Records events for webhooks. They become visible when their transaction commits, and are delivered after that. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/time/clock.js';
import { createId, type OrgId } from '../platform/ids.js';
import type { DeliveredEvent, WebhookData, WebhookEvent } from './webhook-events.js';
import { buildWebhookPayload } from './webhook-payload.js';

/** KEY SHARE: the deletion of a webhook waits for this transaction, so that the deletion cannot make it fail. */
const SUBSCRIBED_WEBHOOKS = `
  SELECT id FROM webhook WHERE organization_id = $1 AND NOT is_disabled AND $2 = ANY (events) ORDER BY id FOR KEY SHARE`;

const APPEND = `
  INSERT INTO webhook_delivery (id, webhook_id, event, payload, once_key, created_at, next_attempt_at)
  SELECT d.id, d.webhook_id, $3, $4, $5, $6, $6 FROM unnest($1::uuid[], $2::uuid[]) AS d (id, webhook_id)
  ON CONFLICT (webhook_id, once_key) DO NOTHING`;

@Injectable()
export class WebhookOutbox {
  readonly #listeners: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  /**
   * Adds a delivery for every webhook of the organization that subscribes to the event: one read, and one write if
   * there are any such webhooks. Call it in the transaction of the change that the event reports. With `onceKey` a
   * webhook receives only the first event with the same key, across processes, for as long as deliveries are kept.
   */
  async append<E extends WebhookEvent>(
    manager: EntityManager,
    organizationId: OrgId,
    event: E,
    data: WebhookData[E],
    { onceKey = null }: { onceKey?: string | null } = {},
  ): Promise<void> {
    const webhooks = await manager.query<{ id: string }[]>(SUBSCRIBED_WEBHOOKS, [organizationId, event]);
    if (webhooks.length === 0) return;
    const ids = webhooks.map(({ id }) => id);
    await this.#insert(manager, ids, event, data, onceKey);
  }

  /** Adds a delivery for this webhook, whether it subscribes to the event or not. Returns the id of the delivery. */
  async appendTo<E extends DeliveredEvent>(
    manager: EntityManager,
    webhookId: string,
    event: E,
    data: WebhookData[E],
  ): Promise<string> {
    const [id] = await this.#insert(manager, [webhookId], event, data, null);
    return id!;
  }

  /** Registers a listener that runs after each append. The transaction is still open at that moment. */
  onAppend(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async #insert<E extends DeliveredEvent>(
    manager: EntityManager,
    webhookIds: readonly string[],
    event: E,
    data: WebhookData[E],
    onceKey: string | null,
  ): Promise<string[]> {
    const now = this.clock.now();
    const ids = webhookIds.map(() => createId<string>(now));
    const payload = buildWebhookPayload(event, data, now);
    await manager.query(APPEND, [ids, webhookIds, event, payload, onceKey, new Date(now)]);
    for (const listener of this.#listeners) listener();
    return ids;
  }
}
