import type { AppLogger } from '../../../platform/logging/app-logger.js';
import type { SharedState } from '../../../platform/shared-state/shared-state.js';
import { SETTLE, type Settled } from './scripts.js';

const RETRY_MS = 1_000;
/** How long a terminating process waits for Redis to take the last settlements. */
const LAST_PATIENCE_MS = 2_000;
/** About 20 MB: at 1,000 finished calls a second, a hundred seconds without Redis. */
const MOST_WAITING = 100_000;

/** Keys and arguments of `SETTLE`. */
export interface Settlement {
  keys: readonly string[];
  args: readonly (string | number)[];
  /** Called with the result once it is applied. */
  settled(answer: readonly Settled[]): void;
}

/**
 * Reports the usage of calls to the shared state, and queues settlements until it accepts them. A settlement whose
 * response was lost may be counted twice, which is preferred to not at all.
 */
export class SettlementQueue {
  /** Oldest first. */
  #waiting: Settlement[] = [];
  readonly #flying = new Set<Promise<void>>();
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly state: SharedState,
    private readonly logger: AppLogger,
  ) {}

  tell(settlement: Settlement): void {
    // An unavailable store is not retried for every call.
    if (this.#waiting.length > 0) return this.#keep(settlement);
    const flight: Promise<void> = this.#settle(settlement)
      .catch(() => this.#keep(settlement))
      .finally(() => this.#flying.delete(flight));
    this.#flying.add(flight);
  }

  /** Resolves when all settlements are applied, or when the time is up. */
  async close(): Promise<void> {
    let patience: NodeJS.Timeout | undefined;
    const outOfPatience = new Promise<void>((resolve) => (patience = setTimeout(resolve, LAST_PATIENCE_MS)));
    await Promise.race([this.#tellAll(), outOfPatience]);
    clearTimeout(patience);
    clearTimeout(this.#retry);
    if (this.#waiting.length > 0)
      this.logger.pino.warn({ waiting: this.#waiting.length }, 'limits do not know what the last calls have used');
  }

  async #tellAll(): Promise<void> {
    await Promise.all(this.#flying);
    clearTimeout(this.#retry);
    await this.#tellWaiting();
  }

  async #settle(settlement: Settlement): Promise<void> {
    const answer = await this.state.run(SETTLE, settlement.keys, settlement.args);
    settlement.settled(answer);
  }

  #keep(settlement: Settlement): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(settlement);
    this.#retry ??= setTimeout(() => void this.#tellWaiting(), RETRY_MS).unref();
  }

  async #tellWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const told = this.#waiting.splice(0, 100);
        const results = await Promise.allSettled(told.map((settlement) => this.#settle(settlement)));
        const untold = told.filter((_, i) => results[i]!.status === 'rejected');
        this.#waiting.unshift(...untold);
        if (untold.length > 0)
          throw (results.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason;
      }
      this.#retry = undefined;
    } catch (error) {
      this.logger.pino.debug({ err: error, waiting: this.#waiting.length }, 'limits cannot be settled; trying again');
      this.#retry = setTimeout(() => void this.#tellWaiting(), RETRY_MS).unref();
    }
  }
}
