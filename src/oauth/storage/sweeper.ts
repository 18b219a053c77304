/** Takes away what has ended by itself: every minute, in small steps, never inside a request. */
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SelfRegisteredClients } from '../../clients/self-registered-clients.js';
import { Clock } from '../../platform/clock.js';
import { AppLogger } from '../../platform/logging/app-logger.js';

const EVERY_MS = 60_000;
/** Rows per statement: it holds its locks for milliseconds. */
const BATCH = 1_000;
/** Between two steps: the embedded database runs in this very thread, and whoever has waited for a step comes first. */
const PAUSE_MS = 20;
/** What has just ended may still be asked for, and is answered as ended rather than as unknown. */
const TRAIL_MS = 5 * 60_000;

const ENDED_ARTIFACTS = `
  WITH ended AS (SELECT model, id_digest FROM oauth_artifact WHERE expires_at < $1
                  ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
       gone AS (DELETE FROM oauth_artifact a USING ended
                 WHERE a.model = ended.model AND a.id_digest = ended.id_digest RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

/** Only those that nothing refers to any more: the database would take all of that along, however much it is. */
const ENDED_GRANTS = `
  WITH ended AS (SELECT id FROM oauth_grant
                  WHERE expires_at < $1 AND NOT EXISTS (SELECT 1 FROM oauth_artifact a WHERE a.grant_id = oauth_grant.id)
                  ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
       gone AS (DELETE FROM oauth_grant g USING ended WHERE g.id = ended.id RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

/** What came through an identity provider goes with its session, which may live longer than it was to at first. */
const ENDED_IDP_SESSIONS = `
  WITH ended AS (SELECT session_uid_digest FROM idp_session s
                  WHERE expires_at < $1 AND NOT EXISTS (SELECT 1 FROM oauth_artifact a
                                                         WHERE a.model = 'Session' AND a.uid_digest = s.session_uid_digest)
                  ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
       gone AS (DELETE FROM idp_session s USING ended WHERE s.session_uid_digest = ended.session_uid_digest RETURNING 1)
  SELECT count(*)::int AS count FROM gone`;

@Injectable()
export class Sweeper implements OnModuleInit, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly registered: SelfRegisteredClients,
    private readonly clock: Clock,
    private readonly logger: AppLogger,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => {
      this.sweep().catch((error: unknown) =>
        this.logger.pino.warn({ err: error }, 'what has expired could not be swept'),
      );
    }, EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /** Sweeps until nothing is left. Gives the number of rows. Processes that sweep at once take different ones. */
  async sweep(): Promise<number> {
    const now = this.clock.now();
    const until = new Date(now - TRAIL_MS);
    const ask = async (sql: string): Promise<number> => {
      const [row] = await this.dataSource.query<{ count: number }[]>(sql, [until]);
      return row!.count;
    };
    const artifacts = await untilDone(() => ask(ENDED_ARTIFACTS));
    const grants = await untilDone(() => ask(ENDED_GRANTS));
    const idpSessions = await untilDone(() => ask(ENDED_IDP_SESSIONS));
    return (
      artifacts + grants + idpSessions + (await untilDone(() => this.registered.sweepUnused(new Date(now), BATCH)))
    );
  }
}

async function untilDone(step: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (;;) {
    const count = await step();
    sum += count;
    if (count < BATCH) return sum;
    await pause(PAUSE_MS);
  }
}
