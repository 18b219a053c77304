/** Changes webhooks, and records each change in the audit log. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../audit/entries/audit-log.js';
import type { Actor } from '../auth/callers/actor.js';
import { lockOrganization } from '../orgs/organization/lock.js';
import { conflict } from '../admin-api/refusals.js';
import { WebhookOutbox } from '../outbox/webhook-outbox.js';
import { Clock } from '../platform/time/clock.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { mintWebhookSecret, exposeOnce } from '../platform/crypto/webhook-signature.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import { Egress } from '../platform/egress/egress.js';
import { createId } from '../platform/ids.js';
import { WebhookDeliveryEntity } from './entities/webhook-delivery.entity.js';
import { WebhookEntity, createWebhookSealContext } from './entities/webhook.entity.js';
import {
  toDeliveryView,
  toWebhookView,
  type CreateWebhookBody,
  type UpdateWebhookBody,
  type WebhookCreated,
  type WebhookDeliveryView,
  type WebhookView,
} from './webhooks.dto.js';
import { loadWebhook } from './webhooks.reader.js';

/** Each event is written once per webhook. */
const MAX_WEBHOOKS = 50;

@Injectable()
export class WebhooksService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly outbox: WebhookOutbox,
    private readonly egress: Egress,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws `validation_failed` for a URL that the gateway may not call, and `conflict` when the organization has the
   * maximum number of webhooks.
   */
  create(actor: Actor, body: CreateWebhookBody): Promise<WebhookCreated> {
    const { organizationId } = actor.caller;
    const url = this.egress.checkUrl(body.url, '/url').href;
    const secret = mintWebhookSecret();
    const now = new Date(this.clock.now());
    return this.work.run(async ({ manager }) => {
      await lockOrganization(manager, organizationId);
      const count = await manager.countBy(WebhookEntity, { organizationId });
      if (count >= MAX_WEBHOOKS) throw conflict(`An organization has at most ${MAX_WEBHOOKS} webhooks.`);
      const id = createId<string>(now.getTime());
      const row = manager.create(WebhookEntity, {
        ...{ id, organizationId, url },
        description: body.description ?? null,
        events: body.events,
        isDisabled: body.isDisabled ?? false,
        sealedSecret: this.box.seal(secret, createWebhookSealContext(id)),
        ...{ createdAt: now, updatedAt: now },
      });
      await manager.insert(WebhookEntity, row);
      await this.audit.record(manager, actor, buildAuditEvent('webhook', 'create', id, { after: toWebhookView(row) }));
      return { ...toWebhookView(row), secret: exposeOnce(secret) };
    });
  }

  /** Throws as `create` does. */
  update(actor: Actor, id: string, body: UpdateWebhookBody): Promise<WebhookView> {
    return this.#change(actor, id, async (manager, row) => {
      const before = toWebhookView(row);
      if (body.url !== undefined) row.url = this.egress.checkUrl(body.url, '/url').href;
      if (body.description !== undefined) row.description = body.description;
      if (body.events !== undefined) row.events = body.events;
      if (body.isDisabled !== undefined) row.isDisabled = body.isDisabled;
      row.updatedAt = new Date(this.clock.now());
      await manager.update(WebhookEntity, { id }, row);
      const after = toWebhookView(row);
      await this.audit.record(manager, actor, buildAuditEvent('webhook', 'update', id, { before, after }));
      return after;
    });
  }

  /** Replaces the secret, effective from the next attempt. */
  rotate(actor: Actor, id: string): Promise<WebhookCreated> {
    return this.#change(actor, id, async (manager, row) => {
      const before = toWebhookView(row);
      const secret = mintWebhookSecret();
      row.sealedSecret = this.box.seal(secret, createWebhookSealContext(id));
      row.updatedAt = new Date(this.clock.now());
      await manager.update(WebhookEntity, { id }, row);
      const after = toWebhookView(row);
      await this.audit.record(manager, actor, buildAuditEvent('webhook', 'rotate_secret', id, { before, after }));
      return { ...after, secret: exposeOnce(secret) };
    });
  }

  /** Throws `conflict` for a disabled webhook, because nothing would be sent. */
  test(actor: Actor, id: string): Promise<WebhookDeliveryView> {
    return this.#change(actor, id, async (manager, row) => {
      if (row.isDisabled) throw conflict('This webhook is disabled. Set isDisabled to false first.');
      const deliveryId = await this.outbox.appendTo(manager, id, 'test', { webhookId: id });
      await this.audit.record(manager, actor, buildAuditEvent('webhook', 'test', id));
      return toDeliveryView(await manager.findOneByOrFail(WebhookDeliveryEntity, { id: deliveryId }));
    });
  }

  /** Deletes the webhook and its deliveries. Pending deliveries are not sent. */
  delete(actor: Actor, id: string): Promise<void> {
    return this.#change(actor, id, async (manager, row) => {
      await manager.delete(WebhookEntity, { id });
      await this.audit.record(manager, actor, buildAuditEvent('webhook', 'delete', id, { before: toWebhookView(row) }));
    });
  }

  #change<T>(actor: Actor, id: string, job: (manager: EntityManager, row: WebhookEntity) => Promise<T>): Promise<T> {
    return this.work.run(async ({ manager }) => job(manager, await loadWebhook(manager, actor, id, true)));
  }
}
