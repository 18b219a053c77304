/** Deletes expired content in bounded batches. Several processes may run it concurrently. */
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/time/clock.js';
import { AppLogger } from '../platform/logging/app-logger.js';
import { IntervalJob } from '../platform/jobs/interval-job.js';

const INTERVAL_MS = 60 * 60_000;
/** Rows per statement: it holds its locks for milliseconds. */
const BATCH = 1_000;

const DELETE_EXPIRED = `
  WITH gone AS (DELETE FROM interaction_content WHERE interaction_id IN
                 (SELECT interaction_id FROM interaction_content WHERE expires_at <= $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
                RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

@Injectable()
export class ContentRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #job: IntervalJob;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    logger: AppLogger,
  ) {
    const logError = (error: unknown): void =>
      logger.pino.warn({ err: error }, 'expired content of calls could not be deleted; retrying in an hour');
    this.#job = new IntervalJob(() => this.sweep(), logError, INTERVAL_MS);
  }

  onApplicationBootstrap(): void {
    this.#job.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#job.stop();
  }

  /** Deletes until no expired content is left. Rejects if the database does not accept it. */
  async sweep(): Promise<void> {
    for (let count = BATCH; count === BATCH && !this.#job.isStopped;) {
      const rows = await this.dataSource.query<{ count: number }[]>(DELETE_EXPIRED, [new Date(this.clock.now())]);
      count = rows[0]!.count;
    }
  }
}
