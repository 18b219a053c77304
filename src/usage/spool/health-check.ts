/**
 * Checks whether the spool can take records now. It is needed only while the database is unavailable, when a failure
 * would be found too late: so it is checked at startup and at every readiness probe.
 */
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Readiness } from '../../health/readiness.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { AppLogger } from '../../platform/logging/app-logger.js';
import { RecordSpool } from './record-spool.js';

/** Readiness probes are frequent; a result stays valid for this long. */
const CACHE_MS = 2_000;
const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

export type SpoolState = 'ok' | 'unwritable' | 'full';

@Injectable()
export class SpoolHealthCheck implements OnApplicationBootstrap {
  #latest: { at: number; state: Promise<SpoolState> } | null = null;
  #lastReported: SpoolState = 'ok';

  constructor(
    private readonly spool: RecordSpool,
    private readonly readiness: Readiness,
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly logger: AppLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.readiness.registerSpoolCheck(() => this.getState());
    await this.getState();
  }

  /** Logs each change. `ok` where `SPOOL_MAX_BYTES` is 0: nothing will be written to the disk then. */
  getState(): Promise<SpoolState> {
    if (this.config.records.spoolMaxBytes === 0) return Promise.resolve('ok');
    const now = this.clock.monotonicNow();
    if (!this.#latest || now - this.#latest.at >= CACHE_MS) this.#latest = { at: now, state: this.#probe() };
    return this.#latest.state;
  }

  async #probe(): Promise<SpoolState> {
    const [state, error] = await this.spool.probe().then(
      () => ['ok', null] as const,
      (cause: unknown) =>
        [FULL_CODES.has((cause as NodeJS.ErrnoException).code) ? 'full' : 'unwritable', cause] as const,
    );
    if (state !== this.#lastReported) this.#report(state, error);
    return state;
  }

  #report(state: SpoolState, error: unknown): void {
    this.#lastReported = state;
    const { path } = this.spool;
    if (state === 'ok') return this.logger.pino.info({ path }, 'the spool of interaction records can be written again');
    const reason = state === 'full' ? 'its disk is full' : 'it cannot be written';
    this.logger.pino.error(
      { err: error, path },
      `the spool of interaction records is not usable, ${reason}: while the database is unavailable, records stay in memory and ` +
        `LLM proxies with strict audit abort their responses. Make ${path} writable, or set SPOOL_MAX_BYTES=0 to keep ` +
        'no records on disk',
    );
  }
}
