/**
 * For what is noticed outside of a transaction, as in the middle of calls: gathered, and written together a moment later.
 * Nobody waits for it. What the database does not take is kept and tried again; a crash loses what was not written yet.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DataSource } from 'typeorm';
import type { OrgId } from '../platform/ids.js';
import { DelayedWrite } from '../platform/delayed-write.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import type { WebhookData, WebhookEvent } from './webhook-events.js';
import { WebhookOutbox } from './webhook-outbox.js';

const WRITE_MS = 200;
const RETRY_MS = 2_000;
/** Far more than organisations are told in the time between two writes. */
const MOST_WAITING = 5_000;
const ONCE_KEYS_KEPT = 20_000;

interface Notice {
  organisationId: OrgId;
  event: WebhookEvent;
  data: WebhookData[WebhookEvent];
  onceKey: string | null;
}

@Injectable()
export class WebhookNotices implements OnApplicationShutdown {
  #waiting: Notice[] = [];
  readonly #writes: DelayedWrite;
  /** What this process has told once, so that it is not asked of the database for each call. */
  readonly #told = new LRUCache<string, true>({ max: ONCE_KEYS_KEPT });

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: WebhookOutbox,
    logger: AppLogger,
  ) {
    const complain = (error: unknown): void =>
      logger.pino.warn({ err: error, waiting: this.#waiting.length }, 'webhooks could not be told; trying again');
    this.#writes = new DelayedWrite(() => this.#write(), complain, { write: WRITE_MS, retry: RETRY_MS });
  }

  /** As `WebhookOutbox.append`, soon. Whoever gets a webhook later is not told of what was noticed before. */
  tell<E extends WebhookEvent>(
    organisationId: OrgId,
    event: E,
    data: WebhookData[E],
    onceKey: string | null = null,
  ): void {
    if (this.#waiting.length >= MOST_WAITING) return;
    if (onceKey !== null) {
      if (this.#told.has(onceKey)) return;
      this.#told.set(onceKey, true);
    }
    this.#waiting.push({ organisationId, event, data, onceKey });
    this.#writes.soon();
  }

  /** Writes what was gathered. Rejects when the database does not take it. */
  flush(): Promise<void> {
    return this.#writes.flush();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#writes.close();
  }

  async #write(): Promise<void> {
    const notices = this.#waiting;
    if (notices.length === 0) return;
    await this.dataSource.transaction(async (manager) => {
      for (const { organisationId, event, data, onceKey } of notices)
        await this.outbox.append(manager, organisationId, event, data, { onceKey });
    });
    this.#waiting.splice(0, notices.length);
  }
}
