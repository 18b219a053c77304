/**
 * The windows of limits, divided into buckets: usage is counted per bucket, and a bucket counts as long as any part of
 * it lies in the window. This bounds rolling windows: no span of the window's length ever contains more than the limit,
 * and usage expires up to one bucket too late, never too early. Calendar windows are one bucket and begin at midnight
 * UTC; weeks begin on Monday (ISO 8601). Pure; instants are Unix milliseconds.
 */

export const LIMIT_WINDOWS = [
  '1m',
  '1h',
  '1d',
  '1w',
  '1mo',
  'calendar_day',
  'calendar_week',
  'calendar_month',
] as const;
export type LimitWindow = (typeof LIMIT_WINDOWS)[number];

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface Rolling {
  lengthMs: number;
  bucketMs: number;
}

// About sixty buckets each: precise enough for a budget, and read in one step.
const ROLLING: Readonly<Record<string, Rolling>> = {
  '1m': { lengthMs: MINUTE_MS, bucketMs: SECOND_MS },
  '1h': { lengthMs: HOUR_MS, bucketMs: MINUTE_MS },
  '1d': { lengthMs: DAY_MS, bucketMs: DAY_MS / 48 },
  '1w': { lengthMs: 7 * DAY_MS, bucketMs: 3 * HOUR_MS },
  '1mo': { lengthMs: 30 * DAY_MS, bucketMs: DAY_MS / 2 },
};

/** Maximum length of a calendar window, which its counter must outlive. */
const MAX_CALENDAR_MS = 31 * DAY_MS;
/** Counters outlive their window by this, for calls that are still open. */
const EXTRA_TTL_MS = 10 * MINUTE_MS;

export interface WindowPosition {
  /** Number of the bucket that `now` lies in. */
  bucket: number;
  /** The lowest bucket that counts. */
  firstBucket: number;
  /** When that bucket began. */
  startsAt: number;
  /** Lifetime of a counter after its last change. */
  ttlMs: number;
}

export function findWindowPosition(window: LimitWindow, now: number): WindowPosition {
  const rolling = ROLLING[window];
  if (!rolling) {
    const day = findFirstDay(window, now);
    return { bucket: day, firstBucket: day, startsAt: day * DAY_MS, ttlMs: MAX_CALENDAR_MS + EXTRA_TTL_MS };
  }
  const { lengthMs, bucketMs } = rolling;
  const firstBucket = Math.floor((now - lengthMs) / bucketMs);
  return {
    bucket: Math.floor(now / bucketMs),
    firstBucket,
    startsAt: firstBucket * bucketMs,
    ttlMs: lengthMs + bucketMs + EXTRA_TTL_MS,
  };
}

/** Returns when the bucket stops counting. */
export function computeBucketEnd(window: LimitWindow, bucket: number): number {
  const rolling = ROLLING[window];
  return rolling ? (bucket + 1) * rolling.bucketMs + rolling.lengthMs : findNextDay(window, bucket) * DAY_MS;
}

/**
 * Returns the number of the period around `now`, for actions once per window: a calendar window is one period; rolling
 * windows have periods of their length on a fixed grid.
 */
export function computePeriod(window: LimitWindow, now: number): number {
  const rolling = ROLLING[window];
  return rolling ? Math.floor(now / rolling.lengthMs) : findFirstDay(window, now);
}

/** Null: a calendar window, which is one bucket. */
export const getBucketLength = (window: LimitWindow): number | null => ROLLING[window]?.bucketMs ?? null;

/** Day number (from 1970-01-01) on which the calendar window around `now` begins. */
function findFirstDay(window: LimitWindow, now: number): number {
  const day = Math.floor(now / DAY_MS);
  if (window === 'calendar_day') return day;
  // 1970-01-01 was a Thursday.
  if (window === 'calendar_week') return day - ((day + 3) % 7);
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS;
}

/** Day number on which the calendar window that begins on `day` ends. */
function findNextDay(window: LimitWindow, day: number): number {
  if (window === 'calendar_day') return day + 1;
  if (window === 'calendar_week') return day + 7;
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
}
