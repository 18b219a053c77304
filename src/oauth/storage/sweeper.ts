/** Deletes expired rows: every minute, in small steps, never inside a request. */
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SelfRegisteredClients } from '../../clients/storage/self-registered-clients.js';
import { IntervalJob } from '../../platform/jobs/interval-job.js';
import { Clock } from '../../platform/time/clock.js';
import { AppLogger } from '../../platform/logging/app-logger.js';

const EVERY_MS = 60_000;
/** Rows per statement: locks are held for milliseconds only. */
const BATCH = 1_000;
/** Pause between two steps: the embedded database runs in this thread, so that waiting requests run first. */
const PAUSE_MS = 20;
/** Artifacts that expired recently may still be asked for; they are reported as expired instead of unknown. */
const TRAIL_MS = 5 * 60_000;

const ENDED_ARTIFACTS = `
  WITH ended AS (SELECT model, id_digest FROM oauth_artifact WHERE expires_at < $1
                  ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
       gone AS (DELETE FROM oauth_artifact a USING ended
                 WHERE a.model = ended.model AND a.id_digest = ended.id_digest RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

/** Only grants without artifacts: deleting others would cascade to any number of rows. */
const ENDED_GRANTS = `
  WITH ended AS (SELECT id FROM oauth_grant
                  WHERE expires_at < $1 AND NOT EXISTS (SELECT 1 FROM oauth_artifact a WHERE a.grant_id = oauth_grant.id)
                  ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
       gone AS (DELETE FROM oauth_grant g USING ended WHERE g.id = ended.id RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

/** A row about a provider's session is deleted after its session, which may live longer than first planned. */
const ENDED_IDP_SESSIONS = `
  WITH ended AS (SELECT session_uid_digest FROM idp_session s
                  WHERE expires_at < $1 AND NOT EXISTS (SELECT 1 FROM oauth_artifact a
                                                         WHERE a.model = 'Session' AND a.uid_digest = s.session_uid_digest)
                  ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
       gone AS (DELETE FROM idp_session s USING ended WHERE s.session_uid_digest = ended.session_uid_digest RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #job: IntervalJob;

  constructor(
    private readonly dataSource: DataSource,
    private readonly registered: SelfRegisteredClients,
    private readonly clock: Clock,
    logger: AppLogger,
  ) {
    const complain = (error: unknown): void =>
      logger.pino.warn({ err: error }, 'expired tokens and sessions could not be deleted; retrying');
    this.#job = new IntervalJob(async () => void (await this.sweep()), complain, EVERY_MS);
  }

  onApplicationBootstrap(): void {
    this.#job.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#job.stop();
  }

  /** Sweeps until no expired rows are left. Returns the number of rows. Concurrent processes take different rows. */
  async sweep(): Promise<number> {
    const now = this.clock.now();
    const endedBefore = new Date(now - TRAIL_MS);
    const deleteBatch = async (sql: string): Promise<number> => {
      const [row] = await this.dataSource.query<{ count: number }[]>(sql, [endedBefore]);
      return row!.count;
    };
    const artifacts = await this.#runUntilDone(() => deleteBatch(ENDED_ARTIFACTS));
    const grants = await this.#runUntilDone(() => deleteBatch(ENDED_GRANTS));
    const idpSessions = await this.#runUntilDone(() => deleteBatch(ENDED_IDP_SESSIONS));
    return (
      artifacts +
      grants +
      idpSessions +
      (await this.#runUntilDone(() => this.registered.sweepUnused(new Date(now), BATCH)))
    );
  }

  /** Ends early when the process stops. */
  async #runUntilDone(step: () => Promise<number>): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await step();
      total += count;
      if (count < BATCH || this.#job.isStopped) return total;
      await pause(PAUSE_MS);
    }
  }
}
