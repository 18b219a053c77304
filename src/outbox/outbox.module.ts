/**
 * Owns: the outbox of webhook events, from the moment of the event. Promises: an event is in the outbox exactly if the
 * change that it reports is committed; an organization without webhooks costs one indexed read. Must not send anything
 * (`webhooks/` does), and must not hold a secret, a prompt or a response.
 */
import { Global, Module } from '@nestjs/common';
import { WebhookNotices } from './webhook-notices.js';
import { WebhookOutbox } from './webhook-outbox.js';

@Global()
@Module({ providers: [WebhookOutbox, WebhookNotices], exports: [WebhookOutbox, WebhookNotices] })
export class OutboxModule {}
