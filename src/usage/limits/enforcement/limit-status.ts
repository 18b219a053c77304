/** Computes whether a requested amount fits a limit, and when it will. Pure. */
import type { RequestedAmount } from '../counters/limit-counters.js';
import type { CounterUsage } from '../counters/scripts.js';
import { isRateLimit } from '../definitions/limit.js';
import { computeBucketEnd, findWindowPosition } from '../definitions/limit-window.js';

/** When only calls in flight can make room: some of them will have ended by then. */
const SOON_MS = 1_000;

export interface LimitStatus extends RequestedAmount {
  readonly used: number;
  readonly reserved: number;
  readonly fits: boolean;
  /** Unix milliseconds at which the amount is expected to fit again. */
  readonly availableAt: number;
  /** Unix milliseconds at which everything counted now has left the window. */
  readonly emptyAt: number;
}

export function toLimitStatus(
  { limit, amount }: RequestedAmount,
  [fits, used, reserved, freeing, latest]: CounterUsage,
  now: number,
): LimitStatus {
  const { window, max } = limit;
  const emptyAt = computeBucketEnd(window, latest >= 0 ? latest : findWindowPosition(window, now).bucket);
  // An amount larger than the whole limit never fits: the honest response is the full window.
  const tooLarge = amount > max;
  const availableAt =
    freeing >= 0 ? computeBucketEnd(window, freeing) : isRateLimit(limit) && !tooLarge ? now + SOON_MS : emptyAt;
  return { limit, amount, used, reserved: reserved, fits: fits === 1, availableAt: availableAt, emptyAt };
}
