import { Injectable } from '@nestjs/common';
import { DataSource, ILike, LessThan } from 'typeorm';
import type { OrgId } from '../platform/ids.js';
import { notFound } from '../admin-api/refusals.js';
import {
  toLikePattern,
  decodeCursor,
  toCursorPage,
  toPage,
  type CursorPage,
  type Page,
  type PageQuery,
} from '../admin-api/page.js';
import { WebhookDeliveryEntity } from './entities/webhook-delivery.entity.js';
import type { ListDeliveriesQuery } from './webhooks.dto.js';
import { WebhookEntity } from './entities/webhook.entity.js';

/** Reads the webhooks of one organization and their deliveries. */
@Injectable()
export class WebhooksReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. `search` applies to the description. */
  async list(organizationId: OrgId, query: PageQuery): Promise<Page<WebhookEntity>> {
    const [rows, total] = await this.dataSource.manager.findAndCount(WebhookEntity, {
      where: {
        organizationId,
        ...(query.search === undefined ? {} : { description: ILike(toLikePattern(query.search)) }),
      },
      order: { id: 'ASC' },
      skip: query.offset,
      take: query.limit,
    });
    return toPage(rows, total, query);
  }

  /**
   * Newest first. Throws `not_found` for a webhook of another organization, and `validation_failed` for a cursor that
   * the gateway did not issue.
   */
  async listDeliveries(
    organizationId: OrgId,
    webhookId: string,
    { limit, cursor, status }: ListDeliveriesQuery,
  ): Promise<CursorPage<WebhookDeliveryEntity>> {
    const { manager } = this.dataSource;
    if (!(await manager.existsBy(WebhookEntity, { id: webhookId, organizationId })))
      throw notFound('webhook', webhookId);
    const rows = await manager.find(WebhookDeliveryEntity, {
      where: {
        webhookId,
        ...(status === undefined ? {} : { status }),
        ...(cursor === undefined ? {} : { id: LessThan(decodeCursor(cursor)) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return toCursorPage(rows, limit);
  }
}
