import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'given_up'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Delivery of one event to one webhook. */
@Entity('webhook_delivery')
@Check('webhook_delivery_status_check', `status IN ('pending', 'delivered', 'given_up')`)
@Index('webhook_delivery_once_key', ['webhookId', 'onceKey'], { unique: true })
@Index('webhook_delivery_webhook_id_idx', ['webhookId', 'id'])
@Index('webhook_delivery_due_idx', ['webhookId', 'nextAttemptAt'], { where: "status = 'pending'" })
@Index('webhook_delivery_created_at_idx', ['createdAt'])
export class WebhookDeliveryEntity {
  /** Sent as `webhook-id` with every attempt. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_delivery_pkey' })
  id: string;

  @Column('uuid', { name: 'webhook_id' })
  webhookId: string;

  @Column('text')
  event: string;

  /** The body as it is sent and signed. */
  @Column('text')
  payload: string;

  @Column('text', { name: 'once_key', nullable: true })
  onceKey: string | null;

  @Column('text', { default: 'pending' })
  status: string;

  @Column('integer', { default: 0 })
  attempts: number;

  @Column('timestamptz', { name: 'next_attempt_at', nullable: true })
  nextAttemptAt: Date | null;

  /** HTTP status of the last response, if there was one. */
  @Column('integer', { name: 'last_status', nullable: true })
  lastStatus: number | null;

  /** Written by the gateway; never contains text from the receiver. */
  @Column('text', { name: 'last_error', nullable: true })
  lastError: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;
}
