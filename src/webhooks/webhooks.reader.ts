import { Injectable } from '@nestjs/common';
import { DataSource, LessThan, type EntityManager } from 'typeorm';
import { parseCursor, toCursorPage, type CursorPage } from '../admin-api/cursor-page.js';
import { listPage } from '../admin-api/list-page.js';
import type { Page, PageQuery } from '../admin-api/page.js';
import { notFound } from '../admin-api/refusals.js';
import type { Actor } from '../auth/callers/actor.js';
import { WebhookDeliveryEntity } from './entities/webhook-delivery.entity.js';
import { WebhookEntity } from './entities/webhook.entity.js';
import {
  toDeliveryView,
  toWebhookView,
  type ListDeliveriesQuery,
  type WebhookDeliveryView,
  type WebhookView,
} from './webhooks.dto.js';

/** Reads the webhooks of an organization and their deliveries. */
@Injectable()
export class WebhooksReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. `search` applies to the description. */
  list({ caller }: Actor, query: PageQuery): Promise<Page<WebhookView>> {
    const { organizationId } = caller;
    const webhooks = this.dataSource.manager
      .createQueryBuilder(WebhookEntity, 'w')
      .where({ organizationId })
      .orderBy('w.id');
    return listPage(webhooks, query, { searchIn: ['w.description'], toViews: (rows) => rows.map(toWebhookView) });
  }

  async get(actor: Actor, id: string): Promise<WebhookView> {
    return toWebhookView(await loadWebhook(this.dataSource.manager, actor, id));
  }

  /**
   * Newest first. Throws `not_found` for a webhook of another organization, and `validation_failed` for a cursor that
   * the gateway did not issue.
   */
  async listDeliveries(actor: Actor, id: string, query: ListDeliveriesQuery): Promise<CursorPage<WebhookDeliveryView>> {
    const { manager } = this.dataSource;
    await loadWebhook(manager, actor, id);
    const { limit, cursor, status } = query;
    const position = parseCursor(cursor);
    const rows = await manager.find(WebhookDeliveryEntity, {
      where: {
        webhookId: id,
        ...(status === undefined ? {} : { status }),
        ...(position === null ? {} : { id: LessThan(position.id) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return toCursorPage(
      rows,
      query,
      (row) => ({ at: row.createdAt, id: row.id }),
      (page) => page.map(toDeliveryView),
    );
  }
}

/** Returns the row. Throws `not_found` when the actor's organization has none with this id. `lock` locks the row. */
export async function loadWebhook(
  manager: EntityManager,
  { caller }: Actor,
  id: string,
  lock = false,
): Promise<WebhookEntity> {
  const row = await manager.findOne(WebhookEntity, {
    where: { id, organizationId: caller.organizationId },
    ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}),
  });
  if (!row) throw notFound('webhook', id);
  return row;
}
