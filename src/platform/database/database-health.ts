/**
 * Whether the database answers: a circuit breaker around it. Nothing here decides by a single failure, as one connection
 * can break, or be refused, beside others that work. What looks like an outage is examined by a connection of its own; when
 * that finds nobody, and no other connection has heard anything meanwhile, the database counts as unavailable: everything
 * that asks it fails at once, and one probe a second finds out when it is back.
 */

/** Between two looks at a database that is unavailable. */
const RETRY_MS = 1_000;
/** A query may take its time: while the database is known to live, it is not looked at again for so long. */
const TRUSTED_MS = 2_000;
/** A probe that hears nothing is repeated once: a busy machine, ours or the database's, can be late. */
const PROBES = 2;

export type DatabaseState = 'available' | 'unavailable';

export interface DatabaseHealthOptions {
  /** Rejects when there is no database to speak to. Must end by itself within seconds. */
  probe: () => Promise<void>;
  /** Called once per change, with the cause of an outage. */
  onChange?: (state: DatabaseState, cause: unknown) => void;
}

export class DatabaseHealth {
  readonly #listeners = new Set<(state: DatabaseState) => void>();
  #state: DatabaseState = 'available';
  #cause: unknown = null;
  /** Monotonic milliseconds. */
  #heardAt = -Infinity;
  #provenAt = -Infinity;
  #isExamining = false;
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

  /** Something has come from the database. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** A query has taken long: it is examined whether the database lives, unless that is known. */
  suspect(): void {
    if (performance.now() - this.#provenAt >= TRUSTED_MS) this.doubt();
  }

  /** A connection broke, or none could be made: examined at once. */
  doubt(): void {
    if (!this.#isExamining && this.isAvailable && !this.#isClosed) void this.#examine();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
  }

  async #examine(): Promise<void> {
    this.#isExamining = true;
    const startedAt = performance.now();
    for (let probe = 1; probe <= PROBES; probe++) {
      try {
        await this.options.probe();
        this.#provenAt = performance.now();
        break;
      } catch (error) {
        if (this.#heardAt > startedAt) break;
        if (probe === PROBES) this.#change('unavailable', error);
      }
    }
    this.#isExamining = false;
    if (!this.isAvailable) this.#lookAgainLater();
  }

  #lookAgainLater(): void {
    if (this.#isClosed) return;
    this.#retryTimer = setTimeout(() => void this.#lookAgain(), RETRY_MS).unref();
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.options.probe();
      this.#provenAt = performance.now();
      this.#change('available', null);
    } catch (error) {
      this.#cause = error;
      this.#lookAgainLater();
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
