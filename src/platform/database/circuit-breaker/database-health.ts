/**
 * Circuit breaker of the database. It never decides by a single failure, because one connection can break or be refused
 * while others work. A suspected outage is examined with a separate connection. If that reaches no database, and no
 * other connection has received data meanwhile, the database counts as unavailable: every query fails immediately, and
 * one probe per second detects the recovery.
 */

/** Between two probes of an unavailable database. */
const RETRY_MS = 1_000;
/** Queries may be slow: after a successful probe, the database is not probed again for this time. */
const PROBE_VALID_MS = 2_000;
/** A failed probe is repeated once: a busy machine, on either side, can be late. */
const PROBES = 2;

export type DatabaseState = 'available' | 'unavailable';

export interface DatabaseHealthOptions {
  /** Rejects when it reaches no database. Must end by itself within seconds. */
  probe: () => Promise<void>;
  /** Called once per change, with the cause of an outage. */
  onChange?: (state: DatabaseState, cause: unknown) => void;
}

export class DatabaseHealth {
  readonly #listeners = new Set<(state: DatabaseState) => void>();
  #state: DatabaseState = 'available';
  #cause: unknown = null;
  /** Monotonic milliseconds. */
  #lastContactAt = -Infinity;
  #lastProbeAt = -Infinity;
  #isProbing = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(private readonly options: DatabaseHealthOptions) {}

  get isAvailable(): boolean {
    return this.#state === 'available';
  }

  /** Why the database is unavailable. */
  get cause(): unknown {
    return this.#cause;
  }

  onChange(listener: (state: DatabaseState) => void): void {
    this.#listeners.add(listener);
  }

  /** Records that data arrived from the database. */
  recordContact(): void {
    this.#lastContactAt = performance.now();
  }

  /** Reports a slow query: probes the database, unless a recent probe succeeded. */
  probeUnlessRecent(): void {
    if (performance.now() - this.#lastProbeAt >= PROBE_VALID_MS) this.startProbe();
  }

  /** Reports that a connection broke or could not be made: probes the database immediately. */
  startProbe(): void {
    if (!this.#isProbing && this.isAvailable && !this.#isClosed) void this.#runProbes();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
  }

  async #runProbes(): Promise<void> {
    this.#isProbing = true;
    const startedAt = performance.now();
    for (let probe = 1; probe <= PROBES; probe++) {
      try {
        await this.options.probe();
        this.#lastProbeAt = performance.now();
        break;
      } catch (error) {
        if (this.#lastContactAt > startedAt) break;
        if (probe === PROBES) this.#change('unavailable', error);
      }
    }
    this.#isProbing = false;
    if (!this.isAvailable) this.#scheduleProbe();
  }

  #scheduleProbe(): void {
    if (this.#isClosed) return;
    this.#retryTimer = setTimeout(() => void this.#probeAgain(), RETRY_MS).unref();
  }

  async #probeAgain(): Promise<void> {
    try {
      await this.options.probe();
      this.#lastProbeAt = performance.now();
      this.#change('available', null);
    } catch (error) {
      this.#cause = error;
      this.#scheduleProbe();
    }
  }

  #change(state: DatabaseState, cause: unknown): void {
    if (this.#isClosed) return;
    this.#state = state;
    this.#cause = cause;
    this.options.onChange?.(state, cause);
    for (const listener of this.#listeners) listener(state);
  }
}
