import { getNextAttempt, MAX_RETRY_PERIOD_MS } from './schedule.js';

const HOUR = 60 * 60_000;

describe('attempts of deliveries', () => {
  it('the retry delay doubles with each attempt up to an hour, with jitter down to a half', () => {
    const delays = (random: number) => [1, 2, 3, 10, 11, 12, 40].map((n) => getNextAttempt(0, 0, n, random));
    expect(delays(1)).toEqual([5_000, 10_000, 20_000, 2_560_000, HOUR, HOUR, HOUR]);
    expect(delays(0)).toEqual(delays(1).map((delay) => delay! / 2));
  });

  it('the last delivery attempt is a day after the event', () => {
    expect(getNextAttempt(0, MAX_RETRY_PERIOD_MS - HOUR, 30, 1)).toBe(MAX_RETRY_PERIOD_MS);
    expect(getNextAttempt(0, MAX_RETRY_PERIOD_MS - HOUR + 1, 30, 1)).toBeNull();
  });

  it('a webhook delivery has between 20 and 70 attempts for any jitter', () => {
    for (const random of [0, 0.5, 1]) {
      let attempts = 1;
      for (let at: number | null = 0; (at = getNextAttempt(0, at, attempts, random)) !== null;) attempts++;
      expect(attempts).toBeGreaterThan(20);
      expect(attempts).toBeLessThan(70);
    }
  });
});
