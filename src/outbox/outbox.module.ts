/**
 * Owns: what webhooks are to be told, from the moment that it happened. Promises: it stands exactly if the change does that
 * it tells of; whoever has no webhooks pays one indexed read. Must not send anything (`webhooks/` does), and must not hold
 * a secret, a prompt or an answer.
 */
import { Global, Module } from '@nestjs/common';
import { WebhookNotices } from './webhook-notices.js';
import { WebhookOutbox } from './webhook-outbox.js';

@Global()
@Module({ providers: [WebhookOutbox, WebhookNotices], exports: [WebhookOutbox, WebhookNotices] })
export class OutboxModule {}
