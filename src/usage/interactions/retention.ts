/**
 * Maintains the tables of records: creates the partitions of the coming days, drops those past their retention, and
 * deletes expired fine-grained counters of the statistics. Several processes take turns. Each step is a transaction of
 * its own, and gives up rather than block readers and writers of records; it is retried an hour later.
 */
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { IntervalJob } from '../../platform/jobs/interval-job.js';
import { COUNTER_RETENTION_MS } from '../rollup/statistics-range.js';
import { DIMENSIONS } from '../rollup/counters.js';

const INTERVAL_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** Arbitrary but fixed. */
const RETENTION_LOCK = 4_739_311;
/** How long a step may wait for table locks, and so how long others may wait behind it. */
const LOCK_TIMEOUT_MS = 2_000;
/** The previous day is for delayed records; two days ahead bridge a day without maintenance. */
const DAYS_AROUND = [-1, 0, 1, 2];
/** Rows per statement: locks are held for milliseconds. */
const BATCH = 5_000;

const PARTITIONS = `
  SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = 'interaction'::regclass AND c.relname ~ '^interaction_[0-9]{8}$' ORDER BY c.relname`;

/** Days of records that were stored when their partition did not exist. */
const UNPARTITIONED_DAYS = `
  SELECT DISTINCT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
    FROM interaction_default WHERE created_at >= $1 AND created_at < $2`;

const DELETE_EXPIRED_RECORDS = `
  WITH gone AS (DELETE FROM interaction_default WHERE (id, created_at) IN
                 (SELECT id, created_at FROM interaction_default WHERE created_at < $1 LIMIT ${BATCH}) RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

/** Names organization and dimension so that the primary key finds the rows. */
const buildDeleteExpiredCounters = (table: string): string => `
  WITH gone AS (DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM ${table} WHERE organization_id IN (SELECT id FROM organization)
                    AND dimension = ANY($1) AND step = $2 AND at < $3 LIMIT ${BATCH})) RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

@Injectable()
export class InteractionRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #job: IntervalJob;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    logger: AppLogger,
  ) {
    const logError = (error: unknown): void =>
      logger.pino.warn(
        { err: error },
        'the partitions of interaction records could not be maintained; retrying in an hour',
      );
    this.#job = new IntervalJob(() => this.maintain(), logError, INTERVAL_MS);
  }

  onApplicationBootstrap(): void {
    this.#job.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#job.stop();
  }

  /** Runs one maintenance turn. Rejects when a step fails; completed steps remain. */
  async maintain(): Promise<void> {
    const now = this.clock.now();
    const expiresBefore = startOfDay(now - this.config.records.retentionDays * DAY_MS);
    await this.#addPartitions(now, expiresBefore);
    await this.#dropPartitions(expiresBefore);
    await this.#runUntilDone(DELETE_EXPIRED_RECORDS, [new Date(expiresBefore)]);
    for (const table of ['usage_rollup', 'usage_latency'])
      for (const step of ['minute', 'hour'] as const)
        await this.#runUntilDone(buildDeleteExpiredCounters(table), [
          DIMENSIONS,
          step,
          new Date(now - COUNTER_RETENTION_MS[step]),
        ]);
  }

  async #addPartitions(now: number, expiresBefore: number): Promise<void> {
    const around = DAYS_AROUND.map((days) => formatDay(now + days * DAY_MS));
    const unpartitioned = await this.dataSource.query<{ day: string }[]>(UNPARTITIONED_DAYS, [
      new Date(expiresBefore),
      new Date(startOfDay(now + DAYS_AROUND.at(-1)! * DAY_MS)),
    ]);
    const existing = new Set(await this.#listPartitions());
    const required = new Set([...around, ...unpartitioned.map(({ day }) => day)]);
    for (const day of required)
      if (!existing.has(day))
        await this.#runStep((manager) => manager.query('SELECT add_interaction_partition($1::date)', [day]));
  }

  async #dropPartitions(expiresBefore: number): Promise<void> {
    const oldest = formatDay(expiresBefore);
    for (const day of await this.#listPartitions())
      if (day < oldest)
        await this.#runStep((manager) => manager.query(`DROP TABLE IF EXISTS interaction_${day.replaceAll('-', '')}`));
  }

  /** Returns the days that have a partition, as `2026-01-31`. */
  async #listPartitions(): Promise<string[]> {
    const rows = await this.dataSource.query<{ name: string }[]>(PARTITIONS);
    return rows.map(({ name }) => name.replace(/^interaction_(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'));
  }

  async #runUntilDone(sql: string, values: readonly unknown[]): Promise<void> {
    for (;;) {
      const rows = await this.#runStep((manager) => manager.query<{ count: number }[]>(sql, [...values]));
      if ((rows?.[0]?.count ?? 0) < BATCH) return;
    }
  }

  /** Null: another process holds the lock, or this one is terminating. */
  async #runStep<T>(job: (manager: EntityManager) => Promise<T>): Promise<T | null> {
    if (this.#job.isStopped) return null;
    return this.dataSource.transaction(async (manager) => {
      const [lock] = await manager.query<{ mine: boolean }[]>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
        RETENTION_LOCK,
      ]);
      if (!lock?.mine) return null;
      await manager.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      return job(manager);
    });
  }
}

const startOfDay = (at: number): number => at - (at % DAY_MS);
const formatDay = (at: number): string => new Date(at).toISOString().slice(0, 10);
