import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../auth/callers/actor.js';
import { RequirePermission } from '../auth/methods/route-access.js';
import { PathId } from '../admin-api/field-rules.js';
import { ApiProblems } from '../admin-api/api-problems.js';
import { ApiCursorPageOf, type CursorPage } from '../admin-api/cursor-page.js';
import { ApiPageOf, PageQuery, type Page } from '../admin-api/page.js';
import {
  CreateWebhookBody,
  ListDeliveriesQuery,
  UpdateWebhookBody,
  WebhookCreated,
  WebhookDeliveryView,
  WebhookView,
} from './webhooks.dto.js';
import { WebhooksReader } from './webhooks.reader.js';
import { WebhooksService } from './webhooks.service.js';

@ApiTags('Webhooks')
@Controller('api/webhooks')
export class WebhooksController {
  constructor(
    private readonly reader: WebhooksReader,
    private readonly webhooks: WebhooksService,
  ) {}

  /** Lists the webhooks of your organization, oldest first. */
  @Get()
  @RequirePermission('webhook:read')
  @ApiPageOf(WebhookView)
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<WebhookView>> {
    return this.reader.list(actor, query);
  }

  /** Creates a webhook. Only this response contains its `secret`. */
  @Post()
  @RequirePermission('webhook:write')
  @ApiProblems(409)
  @Header('Cache-Control', 'no-store')
  create(@CurrentActor() actor: Actor, @Body() body: CreateWebhookBody): Promise<WebhookCreated> {
    return this.webhooks.create(actor, body);
  }

  /** Returns a webhook, without its secret. */
  @Get(':id')
  @RequirePermission('webhook:read')
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<WebhookView> {
    return this.reader.get(actor, id);
  }

  /** Changes a webhook. Members that are left out keep their values. Pending deliveries are sent to the new address. */
  @Patch(':id')
  @RequirePermission('webhook:write')
  update(@CurrentActor() actor: Actor, @PathId() id: string, @Body() body: UpdateWebhookBody): Promise<WebhookView> {
    return this.webhooks.update(actor, id, body);
  }

  /** Deletes a webhook and its deliveries. Pending deliveries are not sent. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('webhook:write')
  delete(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.webhooks.delete(actor, id);
  }

  /** Replaces the `secret` of a webhook, effective from the next attempt. Only this response contains it. */
  @Post(':id/rotate')
  @HttpCode(200)
  @RequirePermission('webhook:write')
  @Header('Cache-Control', 'no-store')
  rotate(@CurrentActor() actor: Actor, @PathId() id: string): Promise<WebhookCreated> {
    return this.webhooks.rotate(actor, id);
  }

  /** Sends the event `test` to a webhook. The list of its deliveries shows the result. */
  @Post(':id/test')
  @HttpCode(200)
  @RequirePermission('webhook:write')
  @ApiProblems(409)
  test(@CurrentActor() actor: Actor, @PathId() id: string): Promise<WebhookDeliveryView> {
    return this.webhooks.test(actor, id);
  }

  /** Lists the deliveries of a webhook in the last month, newest first. */
  @Get(':id/deliveries')
  @RequirePermission('webhook:read')
  @ApiCursorPageOf(WebhookDeliveryView)
  listWebhookDeliveries(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Query() query: ListDeliveriesQuery,
  ): Promise<CursorPage<WebhookDeliveryView>> {
    return this.reader.listDeliveries(actor, id, query);
  }
}
