/**
 * Writes the records of calls: a bounded queue, emptied in batches off the request path. While the database is
 * unavailable, records go to the disk and are replayed later. When the disk is full, records stay in the queue; when
 * the queue is full, they are dropped and counted.
 */
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { DurableWaits } from './durable-waits.js';
import { INSERT_INTERACTIONS, toJsonBatch, toJsonRow } from './interaction-insert.js';
import type { InteractionRecord } from './interaction-record.js';
import { RecordSpool } from '../spool/record-spool.js';

// A record must be readable within a second of its call; a batch of 500 takes about 20 ms to insert.
const FLUSH_MS = 200;
const BATCH = 500;
const RETRY_MS = 1_000;
/** About 100 MB; at 1,000 calls a second, a hundred seconds without a database and without disk space. */
const MAX_QUEUED = 100_000;
/** Records that stay in memory while the database is unavailable. */
const MAX_IN_MEMORY = BATCH;
/** A database that accepts no batch for this long counts as unavailable. */
const UNAVAILABLE_AFTER_MS = 2_000;
/** How long a response that waits for its record waits for the database before the record goes to the disk. */
const STRICT_TIMEOUT_MS = 300;
/** Interval of the search for files of terminated processes. */
const TAKEOVER_INTERVAL_MS = 60_000;
/** The database's share of the time that a process has to terminate. */
const LAST_WRITE_MS = 5_000;

@Injectable()
export class UsageRecorder implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Rows as JSON, oldest first. Records are numbered in the order of arrival. */
  #queue: string[] = [];
  /** The number of the first row in the queue. */
  #first = 0;
  readonly #waits = new DurableWaits();
  #timer: NodeJS.Timeout | undefined;
  #strictTimer: NodeJS.Timeout | undefined;
  #takeoverTimer: NodeJS.Timeout | undefined;
  #mustTakeOver = false;
  #writing: Promise<void> | null = null;
  #spilling: Promise<void> | null = null;
  #isUnavailable = false;
  #isStopping = false;
  #lost = 0;
  readonly #listeners: ((record: InteractionRecord) => void)[] = [];

  constructor(
    private readonly dataSource: DataSource,
    private readonly spool: RecordSpool,
    private readonly logger: AppLogger,
  ) {}

  get queued(): number {
    return this.#queue.length;
  }

  /** Number of dropped records: the queue was full, or the database refuses the row. */
  get lost(): number {
    return this.#lost;
  }

  /** Called with every record on arrival. Must be fast and must not throw. */
  onRecord(listener: (record: InteractionRecord) => void): void {
    this.#listeners.push(listener);
  }

  /** Queues the record in its present state. */
  record(record: InteractionRecord): void {
    if (!this.#enqueue(record)) return;
    if (this.#isUnavailable && this.#queue.length > MAX_IN_MEMORY) void this.#spill();
    this.#timer ??= setTimeout(() => this.#startWriting(), FLUSH_MS).unref();
  }

  /**
   * Same as `record`. Resolves when the record would survive a crash; rejects when neither the database nor the disk
   * accepts it. All waiting records are written together.
   */
  recordDurably(record: InteractionRecord): Promise<void> {
    if (!this.#enqueue(record)) return Promise.reject(new Error('the queue of records is full'));
    const stored = this.#waits.waitFor(this.#first + this.#queue.length - 1);
    if (this.#isUnavailable) void this.#spill();
    else this.#startWriting();
    this.#strictTimer ??= setTimeout(() => {
      this.#strictTimer = undefined;
      if (this.#waits.isAny) void this.#spill();
    }, STRICT_TIMEOUT_MS).unref();
    return stored;
  }

  /** Writes all queued and all spooled records. Rejects when the database fails. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#queue.length > 0 || !this.spool.isEmpty || this.#mustTakeOver) {
      this.#writing ??= this.#write().finally(() => (this.#writing = null));
      await this.#writing;
    }
    await this.#writing;
  }

  onApplicationBootstrap(): void {
    const scheduleTakeover = (): void => {
      this.#mustTakeOver = true;
      this.#timer ??= setTimeout(() => this.#startWriting(), 0).unref();
    };
    this.#takeoverTimer = setInterval(scheduleTakeover, TAKEOVER_INTERVAL_MS).unref();
    scheduleTakeover();
  }

  /** All calls have ended by now: their records are written before the database connection closes, or to the disk. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#takeoverTimer);
    this.#mustTakeOver = false;
    // Spooled records are safe, and may be more than can be written now.
    this.#isStopping = !this.spool.isEmpty;
    await withDeadline(this.#isStopping ? this.#writing : this.flush()).catch((error: unknown) =>
      this.#logFailure(error),
    );
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#spilling;
    await this.#spillDownTo(0);
    await this.spool.release().catch((error: unknown) => this.#logFailure(error));
    if (this.#queue.length > 0)
      this.logger.pino.error({ queued: this.#queue.length }, 'interaction records were lost at the end of the process');
  }

  /** False: the queue is full. */
  #enqueue(record: InteractionRecord): boolean {
    for (const listener of this.#listeners) listener(record);
    if (this.#queue.length >= MAX_QUEUED) {
      this.#lost++;
      return false;
    }
    this.#queue.push(toJsonRow(record));
    return true;
  }

  #startWriting(): void {
    this.flush().catch((error: unknown) => {
      this.#logFailure(error);
      this.#timer ??= setTimeout(() => this.#startWriting(), RETRY_MS).unref();
    });
  }

  #logFailure(error: unknown): void {
    const fields = { err: error, queued: this.#queue.length, spooledBytes: this.spool.bytes };
    this.logger.pino.error(fields, 'interaction records could not be written; trying again');
  }

  /** One step: spooled records are older than queued ones, and go first. */
  async #write(): Promise<void> {
    const slowTimer = setTimeout(() => void this.#markUnavailable(), UNAVAILABLE_AFTER_MS).unref();
    try {
      if (this.#mustTakeOver) await this.#takeOver();
      if (this.spool.isEmpty) await this.#writeBatch();
      else
        await this.spool.replay(async (rows) => {
          if (this.#isStopping) throw new Error('the process ends');
          await this.#insertAll(rows, null);
          slowTimer.refresh();
        }, BATCH);
    } catch (error) {
      await this.#markUnavailable();
      throw error;
    } finally {
      clearTimeout(slowTimer);
    }
  }

  async #takeOver(): Promise<void> {
    this.#mustTakeOver = false;
    await this.spool.takeOver().catch((error: unknown) => {
      this.logger.pino.warn({ err: error }, 'the spool of interaction records could not be looked through');
    });
  }

  async #writeBatch(): Promise<void> {
    const first = this.#first;
    const batch = this.#queue.slice(0, BATCH);
    if (batch.length === 0) return;
    await this.#insertAll(batch, first);
    this.#markStoredBefore(first + batch.length);
  }

  /** Marks all records before `number` as safe in the database or on the disk. */
  #markStoredBefore(number: number): void {
    if (number > this.#first) {
      this.#queue = this.#queue.slice(number - this.#first);
      this.#first = number;
    }
    this.#waits.resolveBefore(number);
  }

  #markUnavailable(): Promise<void> {
    this.#isUnavailable = true;
    return this.#spill();
  }

  #spill(): Promise<void> {
    this.#spilling ??= this.#spillDownTo(MAX_IN_MEMORY).finally(() => (this.#spilling = null));
    return this.#spilling;
  }

  /**
   * Moves the queue to the disk until at most `kept` records remain, and none that a caller waits for. Records that the
   * database is inserting at the moment are not inserted twice.
   */
  async #spillDownTo(maxQueued: number): Promise<void> {
    while (this.#queue.length > (this.#waits.isAny ? 0 : maxQueued)) {
      const first = this.#first;
      const rows = this.#queue.slice(0, BATCH);
      try {
        const accepted = await this.spool.append(rows);
        this.#markStoredBefore(first + accepted);
        if (accepted < rows.length) throw new Error('the spool is full');
      } catch (error) {
        this.logger.pino.error({ err: error }, 'interaction records could not be spooled');
        if (this.#isUnavailable) this.#waits.rejectAll(error);
        return;
      }
    }
  }

  /** `first`: the number of the first row; null when none of the rows is waited for. */
  async #insertAll(rows: readonly string[], first: number | null): Promise<void> {
    try {
      await this.#insert(rows);
    } catch (error) {
      if (!isDataError(error)) throw error;
      await this.#insertSingly(rows, first);
    }
    this.#isUnavailable = false;
  }

  /** One row that the database always refuses must not block the others. */
  async #insertSingly(rows: readonly string[], first: number | null): Promise<void> {
    for (const [i, row] of rows.entries()) {
      try {
        await this.#insert([row]);
      } catch (error) {
        if (!isDataError(error)) throw error;
        this.#lost++;
        if (first !== null) this.#waits.reject(first + i, error);
        this.logger.pino.error({ err: error }, 'an interaction record was given up: the database refuses it');
      }
    }
  }

  async #insert(rows: readonly string[]): Promise<void> {
    await this.dataSource.query(INSERT_INTERACTIONS, [toJsonBatch(rows)]);
  }
}

/** Rejects when it takes too long for a terminating process. */
async function withDeadline(work: Promise<void> | null): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the database takes too long')), LAST_WRITE_MS);
  });
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint violation): a retry would change nothing. */
function isDataError(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^2[23]/.test(code);
}
