/** Gives up content whose time is over, in bounded batches. Several processes may do it at once. */
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppLogger } from '../platform/logging/app-logger.js';

const EVERY_MS = 60 * 60_000;
/** Rows per statement: it holds its locks for milliseconds. */
const BATCH = 1_000;

const FORGET = `
  WITH gone AS (DELETE FROM interaction_content WHERE interaction_id IN
                 (SELECT interaction_id FROM interaction_content WHERE expires_at <= $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
                RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

@Injectable()
export class ContentRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly logger: AppLogger,
  ) {}

  onApplicationBootstrap(): void {
    this.#start();
    this.#timer = setInterval(() => this.#start(), EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#turn;
  }

  /** Until nothing is left whose time is over. Rejects when the database does not take it. */
  async sweep(): Promise<void> {
    for (let count = BATCH; count === BATCH && !this.#isOver;) {
      const rows = await this.dataSource.query<{ count: number }[]>(FORGET, [new Date(this.clock.now())]);
      count = rows[0]!.count;
    }
  }

  #start(): void {
    this.#turn = this.sweep().catch((error: unknown) => {
      this.logger.pino.warn({ err: error }, 'old content of calls could not be swept; trying again in an hour');
    });
  }
}
