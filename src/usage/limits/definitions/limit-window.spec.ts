import fc from 'fast-check';
import { computeBucketEnd, LIMIT_WINDOWS, findWindowPosition, type LimitWindow } from './limit-window.js';

const at = (text: string): number => Date.parse(text);
const LENGTHS: readonly [LimitWindow, number][] = [
  ['1m', 60_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['1w', 7 * 86_400_000],
  ['1mo', 30 * 86_400_000],
];

describe('rolling windows', () => {
  it.each(LENGTHS)(
    'a rolling window of %s counts at least its length and at most a fiftieth more',
    (window, lengthMs) => {
      fc.assert(
        fc.property(fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 }), (now) => {
          const { startsAt, bucket, firstBucket } = findWindowPosition(window, now);
          expect(startsAt).toBeLessThanOrEqual(now - lengthMs);
          expect(startsAt).toBeGreaterThan(now - lengthMs * 1.021);
          expect(bucket - firstBucket).toBeLessThan(64);
        }),
      );
    },
  );

  it.each(LENGTHS)('a bucket of the rolling window %s leaves at the end that is computed for it', (window) => {
    const used = findWindowPosition(window, at('2026-03-04T05:06:07.089Z')).bucket;
    const end = computeBucketEnd(window, used);
    expect(findWindowPosition(window, end - 1).firstBucket).toBe(used);
    expect(findWindowPosition(window, end).firstBucket).toBe(used + 1);
  });
});

describe('calendar windows', () => {
  it.each([
    ['calendar_day', '2026-11-26T23:59:59.999Z', '2026-11-26T00:00:00Z', '2026-11-27T00:00:00Z'],
    ['calendar_day', '2026-11-27T00:00:00Z', '2026-11-27T00:00:00Z', '2026-11-28T00:00:00Z'],
    ['calendar_week', '2026-11-26T12:00:00Z', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['calendar_week', '2026-11-29T23:59:59Z', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['calendar_week', '2026-11-30T00:00:00Z', '2026-11-30T00:00:00Z', '2026-12-07T00:00:00Z'],
    ['calendar_month', '2026-12-31T23:59:59Z', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['calendar_month', '2028-02-29T10:00:00Z', '2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z'],
  ] as const)('%s at %s begins at %s and ends at %s in UTC', (window, now, start, end) => {
    const { startsAt, bucket, firstBucket } = findWindowPosition(window, at(now));
    expect(bucket).toBe(firstBucket);
    expect(startsAt).toBe(at(start));
    expect(computeBucketEnd(window, bucket)).toBe(at(end));
  });
});

it('a counter lives longer than everything in it counts', () => {
  for (const window of LIMIT_WINDOWS) {
    const now = at('2026-01-01T00:00:00Z');
    const { bucket, ttlMs: lifeMs } = findWindowPosition(window, now);
    expect(now + lifeMs).toBeGreaterThan(computeBucketEnd(window, bucket));
  }
});
