import type { AppLogger } from '../../../platform/logging/app-logger.js';
import type { SharedState } from '../../../platform/shared-state/shared-state.js';
import { SETTLE, type SettledUsage } from './scripts.js';

const RETRY_MS = 1_000;
/** How long a terminating process waits for Redis to take the last settlements. */
const CLOSE_TIMEOUT_MS = 2_000;
/** About 20 MB: at 1,000 finished calls a second, a hundred seconds without Redis. */
const MAX_WAITING = 100_000;

/** Keys and arguments of `SETTLE`. */
export interface Settlement {
  keys: readonly string[];
  args: readonly (string | number)[];
  /** Called with the result once it is applied. */
  onSettled(results: readonly SettledUsage[]): void;
}

/**
 * Reports the usage of calls to the shared state, and queues settlements until it accepts them. A settlement whose
 * response was lost may be counted twice, which is preferred to not at all.
 */
export class SettlementQueue {
  /** Oldest first. */
  #waiting: Settlement[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly state: SharedState,
    private readonly logger: AppLogger,
  ) {}

  submit(settlement: Settlement): void {
    // An unavailable store is not retried for every call.
    if (this.#waiting.length > 0) return this.#enqueue(settlement);
    const settling: Promise<void> = this.#settle(settlement)
      .catch(() => this.#enqueue(settlement))
      .finally(() => this.#inFlight.delete(settling));
    this.#inFlight.add(settling);
  }

  /** Resolves when all settlements are applied, or when the time is up. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)));
    await Promise.race([this.#submitAll(), timeout]);
    clearTimeout(timer);
    clearTimeout(this.#retry);
    if (this.#waiting.length > 0)
      this.logger.pino.warn({ waiting: this.#waiting.length }, 'limits do not know what the last calls have used');
  }

  async #submitAll(): Promise<void> {
    await Promise.all(this.#inFlight);
    clearTimeout(this.#retry);
    await this.#submitWaiting();
  }

  async #settle(settlement: Settlement): Promise<void> {
    const results = await this.state.run(SETTLE, settlement.keys, settlement.args);
    settlement.onSettled(results);
  }

  #enqueue(settlement: Settlement): void {
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(settlement);
    this.#retry ??= setTimeout(() => void this.#submitWaiting(), RETRY_MS).unref();
  }

  async #submitWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.splice(0, 100);
        const results = await Promise.allSettled(batch.map((settlement) => this.#settle(settlement)));
        const failed = batch.filter((_, i) => results[i]!.status === 'rejected');
        this.#waiting.unshift(...failed);
        if (failed.length > 0)
          throw (results.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason;
      }
      this.#retry = undefined;
    } catch (error) {
      this.logger.pino.debug({ err: error, waiting: this.#waiting.length }, 'limits cannot be settled; trying again');
      this.#retry = setTimeout(() => void this.#submitWaiting(), RETRY_MS).unref();
    }
  }
}
