import { ApiProperty, PartialType } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { MayBeAbsent, OneLine } from '../admin-api/field-rules.js';
import { WEBHOOK_EVENTS, type DeliveredEvent, type WebhookEvent } from '../outbox/webhook-events.js';
import { CursorQuery } from '../admin-api/cursor-page.js';
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type WebhookDeliveryEntity,
} from './entities/webhook-delivery.entity.js';
import type { WebhookEntity } from './entities/webhook.entity.js';

export class CreateWebhookBody {
  /** URL (https) that receives the events by POST. Hosts that are not public must be in UPSTREAM_ALLOWED_HOSTS. */
  @IsString()
  @MaxLength(2_000)
  @ApiProperty({ format: 'uri' })
  url: string;

  /** Purpose of the webhook. */
  @IsOptional()
  @OneLine(500)
  description?: string | null;

  /**
   * Events that the webhook receives. `limit.threshold_reached`: usage reached 50, 80 or 100 % of a limit.
   * `limit.exceeded`: a limit refused a call. `credential.revoked`: a credential was revoked permanently.
   * `credential.unmapped`: the last provider key that a virtual key or an OAuth client maps to was deleted.
   * `guardrail.blocked`: a guardrail refused a call or stopped a response.
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true })
  events: WebhookEvent[];

  /** Whether the webhook is paused. Events that occur meanwhile are never sent; pending deliveries wait up to a day. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, default: false })
  isDisabled?: boolean;
}

export class UpdateWebhookBody extends PartialType(CreateWebhookBody, { skipNullProperties: false }) {}

export class ListDeliveriesQuery extends CursorQuery {
  /** Only deliveries with this status. */
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;
}

export class WebhookView {
  /** Id of the webhook. */
  id: string;

  /** URL that receives the events. */
  url: string;

  /** Purpose of the webhook. */
  description: string | null;

  /** Events that the webhook receives. */
  @ApiProperty({ enum: WEBHOOK_EVENTS, isArray: true })
  events: WebhookEvent[];

  /** Whether the webhook is paused. */
  isDisabled: boolean;

  /** When the webhook was created. */
  createdAt: Date;

  /** When the webhook was last changed. */
  updatedAt: Date;
}

export class WebhookCreated extends WebhookView {
  /** Secret that signs the events (`whsec_…`, Standard Webhooks). Only this response contains it. */
  secret: string;
}

export class WebhookDeliveryView {
  /** Id of the delivery, sent as the header `webhook-id` with each attempt. */
  id: string;

  /** Kind of the event. */
  @ApiProperty({ enum: [...WEBHOOK_EVENTS, 'test'] })
  event: DeliveredEvent;

  /** `pending`: attempts continue. `delivered`: the receiver responded with 2xx. `given_up`: no 2xx within a day. */
  @ApiProperty({ enum: DELIVERY_STATUSES })
  status: DeliveryStatus;

  /** Number of attempts so far, including one in flight. */
  @ApiProperty({ type: 'integer' })
  attempts: number;

  /** When the next attempt is due; null when the delivery has ended. */
  nextAttemptAt: Date | null;

  /** HTTP status of the last response; null when the receiver sent none. */
  @ApiProperty({ type: 'integer', nullable: true })
  lastStatus: number | null;

  /** Why the last attempt failed; null when none has failed. Never contains text from the receiver. */
  lastError: string | null;

  /** When the event occurred. */
  createdAt: Date;

  /** When the event was delivered or given up; null while the delivery is pending. */
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
