/** When what was not taken is tried again. Pure; Unix milliseconds. */

const FIRST_DELAY_MS = 5_000;
/** Some thirty attempts within the day. */
const LONGEST_DELAY_MS = 60 * 60_000;
/** Long enough for a receiver to be repaired after a night. */
export const TRIED_FOR_MS = 24 * 60 * 60_000;

/**
 * The instant of the next attempt, or null: it is given up. Delays double, from 2.5 to 5 seconds up to an hour.
 *
 * @param attempts how many have failed, at least 1
 * @param random from 0 to 1: spreads what failed together over the later half of each delay
 */
export function nextAttempt(createdAt: number, now: number, attempts: number, random: number): number | null {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS);
  const at = now + delay * (0.5 + random / 2);
  return at - createdAt <= TRIED_FOR_MS ? at : null;
}
