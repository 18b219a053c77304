import type { Clock } from '../../platform/time/clock.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';

const MIN_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;

/** Counts consecutive failures of an operation and computes when it may be retried. */
export class Backoff {
  failuresInARow = 0;
  /** Kept after a success too, for diagnosis. */
  lastFailure: { readonly at: number; readonly detail: string } | null = null;
  /** Monotonic milliseconds. */
  #retryAt = 0;

  /** @param random spreads the retries of processes that failed together */
  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  get waitMs(): number {
    return Math.max(0, this.#retryAt - this.clock.monotonicNow());
  }

  recordFailure(error: unknown): void {
    const delayMs = Math.min(MIN_DELAY_MS * 2 ** this.failuresInARow, MAX_DELAY_MS);
    this.failuresInARow++;
    this.#retryAt = this.clock.monotonicNow() + delayMs * (0.5 + this.random() / 2);
    this.lastFailure = { at: this.clock.now(), detail: error instanceof GatewayError ? error.detail : 'It failed.' };
  }

  recordSuccess(): void {
    this.failuresInARow = 0;
    this.#retryAt = 0;
  }
}
