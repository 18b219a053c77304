/**
 * Writes the records of calls: a bounded queue, emptied in batches off the request path. A batch that the database does
 * not take stays in the queue and is tried again; what no longer fits is counted, never silently forgotten.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppLogger } from '../platform/logging/app-logger.js';
import { INSERT_INTERACTIONS, toJsonBatch, toJsonRow } from './interaction-insert.js';
import type { InteractionRecord } from './interaction-record.js';

// A record is to be readable within a second of its call; a batch of 500 takes about 20 ms to insert.
const FLUSH_MS = 200;
const BATCH = 500;
const RETRY_MS = 1_000;
/** About 100 MB; at 1,000 calls a second, a hundred seconds without a database. */
const MOST_QUEUED = 100_000;

@Injectable()
export class UsageRecorder implements OnApplicationShutdown {
  /** Rows as JSON, oldest first. */
  #queue: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #lost = 0;
  readonly #listeners: ((record: InteractionRecord) => void)[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly logger: AppLogger,
  ) {}

  get queued(): number {
    return this.#queue.length;
  }

  /** Records that were given up because the queue was full. */
  get lost(): number {
    return this.#lost;
  }

  /** Called with every record as it comes in. Must be quick and must not throw. */
  onRecord(listener: (record: InteractionRecord) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes down the record as it is now. */
  record(record: InteractionRecord): void {
    for (const listener of this.#listeners) listener(record);
    if (this.#queue.length >= MOST_QUEUED) {
      this.#lost++;
      return;
    }
    this.#queue.push(toJsonRow(record));
    this.#timer ??= setTimeout(() => this.#startWriting(), FLUSH_MS).unref();
  }

  /** Writes all that is queued. Rejects when the database does not take it. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#queue.length > 0) {
      this.#writing ??= this.#writeBatch().finally(() => (this.#writing = null));
      await this.#writing;
    }
    await this.#writing;
  }

  /** The last calls are over by now: what they left is written before the database is closed. */
  async onApplicationShutdown(): Promise<void> {
    await this.flush().catch((error: unknown) => {
      this.logger.pino.error(
        { err: error, queued: this.#queue.length },
        'interaction records were lost at the end of the process',
      );
    });
    clearTimeout(this.#timer);
  }

  #startWriting(): void {
    this.flush().catch((error: unknown) => {
      this.logger.pino.error(
        { err: error, queued: this.#queue.length },
        'interaction records could not be written; trying again',
      );
      this.#timer ??= setTimeout(() => this.#startWriting(), RETRY_MS).unref();
    });
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#queue.slice(0, BATCH);
    try {
      await this.#insert(batch);
    } catch (error) {
      if (!isDataError(error)) throw error;
      await this.#writeSingly(batch);
    }
    this.#queue = this.#queue.slice(batch.length);
  }

  /** One row that the database will never take must not hold up all others. */
  async #writeSingly(batch: readonly string[]): Promise<void> {
    for (const row of batch) {
      try {
        await this.#insert([row]);
      } catch (error) {
        if (!isDataError(error)) throw error;
        this.#lost++;
        this.logger.pino.error({ err: error }, 'an interaction record was given up: the database refuses it');
      }
    }
  }

  async #insert(rows: readonly string[]): Promise<void> {
    await this.dataSource.query(INSERT_INTERACTIONS, [toJsonBatch(rows)]);
  }
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint violation): trying again would change nothing. */
function isDataError(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^2[23]/.test(code);
}
