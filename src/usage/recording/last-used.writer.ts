/**
 * Records when virtual keys, provider keys and OAuth clients were last used. Collects the ids from the records of calls
 * and writes them in batches, so that a call itself writes nothing; a timestamp is late by up to ten seconds.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { getClientId } from '../../auth/callers/caller.js';
import { BatchFlusher } from '../../platform/jobs/batch-flusher.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import type { InteractionRecord } from './interaction-record.js';
import { UsageRecorder } from './usage-recorder.js';

/** The timestamp shows an admin whether a key is still in use; seconds do not matter for that. */
const WRITE_MS = 10_000;

const TABLES = ['virtual_key', 'provider_key', 'oauth_client'] as const;
type Table = (typeof TABLES)[number];

@Injectable()
export class LastUsedWriter implements OnApplicationShutdown {
  /** Per table: id → Unix milliseconds of the last call. */
  #pending = createPendingStamps();
  readonly #flusher: BatchFlusher;

  constructor(
    recorder: UsageRecorder,
    private readonly dataSource: DataSource,
    logger: AppLogger,
  ) {
    const logError = (error: unknown): void =>
      logger.pino.warn({ err: error }, 'the last use of keys and clients could not be noted; trying again');
    this.#flusher = new BatchFlusher(() => this.#write(), logError, { write: WRITE_MS, retry: WRITE_MS });
    recorder.onRecord((record) => this.#addStamps(record));
  }

  /**
   * Writes the collected timestamps. Rejects when the database fails; the timestamps are then kept for the next
   * attempt.
   */
  flush(): Promise<void> {
    return this.#flusher.flush();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#flusher.close();
  }

  async #write(): Promise<void> {
    const stamps = this.#pending;
    this.#pending = createPendingStamps();
    const failures: unknown[] = [];
    for (const table of TABLES) {
      const used = stamps[table];
      if (used.size === 0) continue;
      try {
        await this.#writeStamps(table, used);
      } catch (error) {
        failures.push(error);
        for (const [id, at] of used) this.#add(table, id, at);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #addStamps({ caller, providerKeyId, createdAt }: InteractionRecord): void {
    if (caller?.subject.type === 'virtual-key') this.#add('virtual_key', caller.subject.id, createdAt);
    const clientId = caller && getClientId(caller);
    if (clientId) this.#add('oauth_client', clientId, createdAt);
    if (providerKeyId !== null) this.#add('provider_key', providerKeyId, createdAt);
  }

  #add(table: Table, id: string, at: number): void {
    const stamps = this.#pending[table];
    stamps.set(id, Math.max(at, stamps.get(id) ?? 0));
    this.#flusher.schedule();
  }

  /** Orders ids, so that two processes that update the same keys cannot deadlock. Never moves a timestamp backward. */
  async #writeStamps(table: Table, used: ReadonlyMap<string, number>): Promise<void> {
    const ids = [...used.keys()].sort();
    await this.dataSource.query(
      `WITH stamp AS MATERIALIZED (
         SELECT k.id, used.at FROM ${table} k
           JOIN unnest($1::uuid[], $2::timestamptz[]) AS used (id, at) ON used.id = k.id
          WHERE k.last_used_at IS NULL OR k.last_used_at < used.at
          ORDER BY k.id FOR UPDATE OF k)
       UPDATE ${table} k SET last_used_at = stamp.at FROM stamp WHERE stamp.id = k.id`,
      [ids, ids.map((id) => new Date(used.get(id)!).toISOString())],
    );
  }
}

const createPendingStamps = (): Record<Table, Map<string, number>> => ({
  virtual_key: new Map(),
  provider_key: new Map(),
  oauth_client: new Map(),
});
