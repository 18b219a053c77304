import { ApiProperty, PartialType } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { MayBeAbsent, OneLine } from '../orgs/field-rules.js';
import { WEBHOOK_EVENTS, type DeliveredEvent, type WebhookEvent } from '../outbox/webhook-events.js';
import { CursorQuery } from '../platform/page.js';
import { DELIVERY_STATUSES, type DeliveryStatus, type WebhookDeliveryEntity } from './webhook-delivery.entity.js';
import type { WebhookEntity } from './webhook.entity.js';

export class CreateWebhookBody {
  /** Where events are posted to: https. Addresses that are not public have to be listed in UPSTREAM_ALLOWED_HOSTS. */
  @IsString()
  @MaxLength(2_000)
  @ApiProperty({ format: 'uri' })
  url: string;

  /** What it is for. */
  @IsOptional()
  @OneLine(500)
  description?: string | null;

  /** What it is told of. `limit.threshold_reached`: 50, 80 or 100 % of a limit are used. `limit.exceeded`: a limit refused a call. `credential.revoked`: a credential was ended for good. `credential.unmapped`: the last provider key that a virtual key or an OAuth client maps to was deleted. `guardrail.blocked`: a guardrail refused a call or broke an answer off. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true })
  events: WebhookEvent[];

  /** Whether nothing is sent for now. What happens meanwhile is not told later; what was on its way waits for up to a day. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, default: false })
  isDisabled?: boolean;
}

export class UpdateWebhookBody extends PartialType(CreateWebhookBody, { skipNullProperties: false }) {}

export class ListDeliveriesQuery extends CursorQuery {
  /** Only deliveries that stand like this. */
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;
}

export class WebhookView {
  /** Id of the webhook. */
  id: string;

  /** Where events are posted to. */
  url: string;

  /** What it is for. */
  description: string | null;

  /** What it is told of. */
  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true })
  events: WebhookEvent[];

  /** Whether nothing is sent for now. */
  isDisabled: boolean;

  /** When the webhook was made. */
  createdAt: Date;

  /** When the webhook was last changed. */
  updatedAt: Date;
}

export class WebhookCreated extends WebhookView {
  /** The secret that events are signed with (`whsec_…`, Standard Webhooks). Shown here and never again. */
  secret: string;
}

export class WebhookDeliveryView {
  /** Id of the delivery: the header `webhook-id` of each attempt. */
  id: string;

  /** What it tells of. */
  @ApiProperty({ enum: [...WEBHOOK_EVENTS, 'test'] })
  event: DeliveredEvent;

  /** `pending`: it is tried, or tried again. `delivered`: the receiver answered 2xx. `given_up`: a day went by without. */
  @ApiProperty({ enum: DELIVERY_STATUSES })
  status: DeliveryStatus;

  /** Attempts so far, the one under way included. */
  @ApiProperty({ type: 'integer' })
  attempts: number;

  /** When it is tried next; null: it is over. */
  nextAttemptAt: Date | null;

  /** HTTP status of the last answer; null: there was none. */
  @ApiProperty({ type: 'integer', nullable: true })
  lastStatus: number | null;

  /** Why the last attempt failed; null: none has. Never what the receiver said. */
  lastError: string | null;

  /** When what it tells of happened. */
  createdAt: Date;

  /** When it was delivered or given up. */
  finishedAt: Date | null;
}

export const toWebhookView = (row: WebhookEntity): WebhookView => ({
  id: row.id,
  url: row.url,
  description: row.description,
  events: row.events as WebhookEvent[],
  isDisabled: row.isDisabled,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

export const toDeliveryView = (row: WebhookDeliveryEntity): WebhookDeliveryView => ({
  id: row.id,
  event: row.event as DeliveredEvent,
  status: row.status as DeliveryStatus,
  attempts: row.attempts,
  nextAttemptAt: row.nextAttemptAt,
  lastStatus: row.lastStatus,
  lastError: row.lastError,
  createdAt: row.createdAt,
  finishedAt: row.finishedAt,
});
