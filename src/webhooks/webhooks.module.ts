/**
 * Owns: the webhooks of organisations and the deliveries to them. Promises: what stands in the outbox is delivered at least
 * once, in no order, for up to a day, signed as Standard Webhooks says, over the guarded way out alone. Must not know what
 * an event means, and must not show what a receiver said.
 */
import { Module } from '@nestjs/common';
import { DeliveryQueue } from './delivery-queue.js';
import { WebhookDeliverer } from './webhook-deliverer.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksReader } from './webhooks.reader.js';
import { WebhooksService } from './webhooks.service.js';

@Module({
  controllers: [WebhooksController],
  providers: [WebhooksReader, WebhooksService, DeliveryQueue, WebhookSender, WebhookDeliverer],
})
export class WebhooksModule {}
