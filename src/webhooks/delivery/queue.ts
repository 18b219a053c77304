/**
 * The outbox as deliverers see it. A process takes a delivery with a statement that does not make other processes wait,
 * and holds it until its lease ends. If the process dies, the next one takes it. So each delivery is made at least
 * once.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/time/clock.js';
import { getNextAttempt, MAX_RETRY_PERIOD_MS } from './schedule.js';

/** Longer than an attempt and the statement after it, with clocks that differ by seconds. */
const LEASE_MS = 60_000;
/** The longest window of a limit plus a day: events that are sent once per window are remembered that long. */
const RETENTION_MS = 32 * 24 * 60 * 60_000;
/** Rows per statement, so that it holds its locks for milliseconds only. */
const BATCH = 1_000;

export interface TakenDelivery {
  id: string;
  webhookId: string;
  url: string;
  sealedSecret: string;
  payload: string;
  createdAt: Date;
  /** Including the current attempt. */
  attempts: number;
}

export interface AttemptOutcome {
  /** Null when the receiver accepted the event. Written by the gateway. */
  error: string | null;
  /** Null when the receiver sent no response. */
  status: number | null;
}

const TAKE = `
  WITH due AS (
    SELECT d.id FROM webhook w
     CROSS JOIN LATERAL (
       SELECT id FROM webhook_delivery
        WHERE webhook_id = w.id AND status = 'pending' AND next_attempt_at <= $1
        ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED) d
     WHERE NOT w.is_disabled AND w.id <> ALL ($4::uuid[])
     LIMIT $2),
  taken AS (
    UPDATE webhook_delivery d SET attempts = attempts + 1, next_attempt_at = $5
      FROM due WHERE d.id = due.id AND d.status = 'pending' AND d.next_attempt_at <= $1
    RETURNING d.id, d.webhook_id, d.payload, d.created_at, d.attempts)
  SELECT t.id, t.webhook_id AS "webhookId", w.url, w.sealed_secret AS "sealedSecret", t.payload,
         t.created_at AS "createdAt", t.attempts
    FROM taken t JOIN webhook w ON w.id = t.webhook_id`;

/** Compares the number of attempts: another process may have taken the delivery since. */
const FINISH = `
  UPDATE webhook_delivery SET status = $3, next_attempt_at = $4, last_status = $5, last_error = $6, finished_at = $7
   WHERE id = $1 AND attempts = $2 AND status = 'pending'`;

const GIVE_UP = `
  UPDATE webhook_delivery d SET status = 'given_up', next_attempt_at = NULL, finished_at = $1,
         last_error = coalesce(last_error, 'The webhook was disabled.')
    FROM webhook w
   WHERE w.id = d.webhook_id AND w.is_disabled AND d.status = 'pending' AND d.created_at < $2`;

const DELETE_OLD = `
  WITH gone AS (DELETE FROM webhook_delivery WHERE id IN
                 (SELECT id FROM webhook_delivery WHERE created_at < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

@Injectable()
export class DeliveryQueue {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Takes up to `most` due deliveries, up to `maxPerWebhook` per webhook and none of `busyWebhooks`. */
  take(max: number, maxPerWebhook: number, busyWebhooks: readonly string[]): Promise<TakenDelivery[]> {
    const now = this.clock.now();
    const lease = new Date(now + LEASE_MS);
    return this.dataSource.query(TAKE, [new Date(now), max, maxPerWebhook, busyWebhooks, lease]);
  }

  /** Records the outcome of an attempt and the time of the next one. */
  async finish(delivery: TakenDelivery, { error, status }: AttemptOutcome): Promise<void> {
    const now = this.clock.now();
    const next =
      error === null ? null : getNextAttempt(delivery.createdAt.getTime(), now, delivery.attempts, Math.random());
    const nextStatus = error === null ? 'delivered' : next === null ? 'given_up' : 'pending';
    const [nextAt, finishedAt] = next === null ? [null, new Date(now)] : [new Date(next), null];
    await this.dataSource.query(FINISH, [
      delivery.id,
      delivery.attempts,
      nextStatus,
      nextAt,
      status,
      error,
      finishedAt,
    ]);
  }

  /** Gives up deliveries that waited too long for a disabled webhook, and deletes deliveries that are a month old. */
  async sweep(): Promise<void> {
    const now = this.clock.now();
    await this.dataSource.query(GIVE_UP, [new Date(now), new Date(now - MAX_RETRY_PERIOD_MS)]);
    for (let count = BATCH; count === BATCH;) {
      const rows = await this.dataSource.query<{ count: number }[]>(DELETE_OLD, [new Date(now - RETENTION_MS)]);
      count = rows[0]!.count;
    }
  }
}
