/** Times of the retries of a delivery. Pure; Unix milliseconds. */

const FIRST_DELAY_MS = 5_000;
/** Allows about thirty attempts within the day. */
const MAX_DELAY_MS = 60 * 60_000;
/** Long enough to repair a receiver after a night. */
export const MAX_RETRY_PERIOD_MS = 24 * 60 * 60_000;

/**
 * Returns the time of the next attempt, or null when the delivery is given up. Delays double, from 2.5–5 seconds up to
 * an hour.
 *
 * @param attempts number of failed attempts, at least 1
 * @param random from 0 to 1: spreads deliveries that failed together over the later half of each delay
 */
export function getNextAttempt(createdAt: number, now: number, attempts: number, random: number): number | null {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), MAX_DELAY_MS);
  const at = now + delay * (0.5 + random / 2);
  return at - createdAt <= MAX_RETRY_PERIOD_MS ? at : null;
}
