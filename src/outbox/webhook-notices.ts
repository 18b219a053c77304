/**
 * Queue for events that occur outside a transaction, for example during calls. Events are collected and written
 * together shortly afterwards; callers do not wait. Events that the database does not accept are kept and tried again.
 * A crash loses the events that are not written yet.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DataSource } from 'typeorm';
import type { OrgId } from '../platform/ids.js';
import { BatchFlusher } from '../platform/jobs/batch-flusher.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import type { WebhookData, WebhookEvent } from './webhook-events.js';
import { WebhookOutbox } from './webhook-outbox.js';

const WRITE_MS = 200;
const RETRY_MS = 2_000;
/** Far more than the number of events between two writes. */
const MAX_WAITING = 5_000;
const ONCE_KEY_CACHE_SIZE = 20_000;

interface Notice {
  organizationId: OrgId;
  event: WebhookEvent;
  data: WebhookData[WebhookEvent];
  onceKey: string | null;
}

@Injectable()
export class WebhookNotices implements OnApplicationShutdown {
  #waiting: Notice[] = [];
  readonly #flusher: BatchFlusher;
  /** `onceKey` values that this process has already queued: saves a database query per call. */
  readonly #queuedOnce = new LRUCache<string, true>({ max: ONCE_KEY_CACHE_SIZE });

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: WebhookOutbox,
    logger: AppLogger,
  ) {
    const logError = (error: unknown): void =>
      logger.pino.warn({ err: error, waiting: this.#waiting.length }, 'webhook events could not be stored; retrying');
    this.#flusher = new BatchFlusher(() => this.#write(), logError, { write: WRITE_MS, retry: RETRY_MS });
  }

  /**
   * Queues an event for `WebhookOutbox.append`. Webhooks created later do not receive events that occurred before.
   * Drops the event when `MAX_WAITING` events are queued.
   */
  notify<E extends WebhookEvent>(
    organizationId: OrgId,
    event: E,
    data: WebhookData[E],
    onceKey: string | null = null,
  ): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    if (onceKey !== null) {
      if (this.#queuedOnce.has(onceKey)) return;
      this.#queuedOnce.set(onceKey, true);
    }
    this.#waiting.push({ organizationId, event, data, onceKey });
    this.#flusher.schedule();
  }

  /** Writes the queued events. Rejects when the database does not accept them. */
  flush(): Promise<void> {
    return this.#flusher.flush();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#flusher.close();
  }

  async #write(): Promise<void> {
    const notices = this.#waiting;
    if (notices.length === 0) return;
    await this.dataSource.transaction(async (manager) => {
      for (const { organizationId, event, data, onceKey } of notices)
        await this.outbox.append(manager, organizationId, event, data, { onceKey });
    });
    this.#waiting.splice(0, notices.length);
  }
}
