/**
 * Writes the records of calls: a bounded queue, emptied in batches off the request path. A batch that the database does
 * not take stays in the queue and is tried again; what no longer fits is counted, never silently forgotten.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppLogger } from '../platform/logging/app-logger.js';
import type { OrgId } from '../platform/ids.js';
import { INSERT_INTERACTIONS, toJson } from './interaction-insert.js';
import type { InteractionRecord } from './interaction-record.js';

// A record is to be readable within a second of its call; a batch of 500 takes about 20 ms to insert.
const FLUSH_MS = 200;
const BATCH = 500;
const RETRY_MS = 1_000;
/** About 60 MB; at 1,000 calls a second, a hundred seconds without a database. */
const MOST_QUEUED = 100_000;

@Injectable()
export class UsageRecorder implements OnApplicationShutdown {
  #queue: InteractionRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #lost = 0;
  #defaultOrganisationId: OrgId | null = null;
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

  /** Takes the record; the caller must not change it any more. */
  record(record: InteractionRecord): void {
    for (const listener of this.#listeners) listener(record);
    if (this.#queue.length >= MOST_QUEUED) {
      this.#lost++;
      return;
    }
    this.#queue.push(record);
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
    const fallback = batch.some((record) => record.organisationId === null) ? await this.#defaultOrganisation() : null;
    await this.dataSource.query(INSERT_INTERACTIONS, [toJson(batch, fallback)]);
    this.#queue = this.#queue.slice(batch.length);
  }

  /** Calls that name no organisation belong to the deployment's default one. */
  async #defaultOrganisation(): Promise<OrgId> {
    if (!this.#defaultOrganisationId) {
      const [row] = await this.dataSource.query<{ id: OrgId }[]>('SELECT id FROM organisation WHERE is_default');
      this.#defaultOrganisationId = row!.id;
    }
    return this.#defaultOrganisationId;
  }
}
