/**
 * Owns: the webhooks of organizations and the deliveries to them. Promises: each event in the outbox is delivered at
 * least once, in no particular order, for up to a day, signed as Standard Webhooks specifies, through the guarded
 * egress only. Must not know the meaning of an event, and must not show the body of a receiver's response.
 */
import { Module } from '@nestjs/common';
import { DeliveryQueue } from './delivery/queue.js';
import { WebhookDeliverer } from './delivery/deliverer.js';
import { WebhookSender } from './delivery/sender.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksReader } from './webhooks.reader.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  controllers: [WebhooksController],
  providers: [WebhooksReader, WebhooksService, DeliveryQueue, WebhookSender, WebhookDeliverer],
})
export class WebhooksModule {}
