/**
 * Resolves the period and the step of statistics. Both are aligned to the roll-ups, so that totals and series agree.
 */
import { validationError } from '../../admin-api/refusals.js';
import type { Step } from './counters.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const STEP_MS: Readonly<Record<Step, number>> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

/**
 * Retention of the finer counters; those by day are permanent. Minutes live no longer than records, because some are
 * counted from these.
 */
export const COUNTER_RETENTION_MS = { minute: DAY_MS, hour: 100 * DAY_MS };

/** The current step is the last one: `24h` is this hour and the 23 before it, `30d` is today and the 29 days before. */
const TIMEFRAMES: Readonly<Record<string, { step: Step; count: number }>> = {
  '1h': { step: 'minute', count: 60 },
  '24h': { step: 'hour', count: 24 },
  '7d': { step: 'hour', count: 168 },
  '30d': { step: 'day', count: 30 },
  '90d': { step: 'day', count: 90 },
};
export const TIMEFRAME_NAMES = Object.keys(TIMEFRAMES);
export const DEFAULT_TIMEFRAME = '24h';

/** A chart with more steps is unreadable, and its response would be megabytes. */
const MAX_RANGE_MS = { minute: 4 * HOUR_MS, hour: 8 * DAY_MS, day: 1_100 * DAY_MS };

/** Sessions are counted from the records of the period. */
export const MAX_SESSION_DAYS = 31;

/** Unix milliseconds: `from` inclusive, `to` exclusive; both begin a step. */
export interface StatisticsRange {
  from: number;
  to: number;
  step: Step;
}

/** Returns the start of each step, in Unix milliseconds. */
export const listSteps = ({ from, to, step }: StatisticsRange): number[] =>
  Array.from({ length: (to - from) / STEP_MS[step] }, (_, i) => from + i * STEP_MS[step]);

export interface PeriodQuery {
  timeframe?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** Throws `validation_failed` for contradictory times, and for a period longer than the maximum. */
export function resolveStatisticsRange({ timeframe, from, to }: PeriodQuery, now: number): StatisticsRange {
  if (from === undefined && to === undefined) {
    const { step, count } = TIMEFRAMES[timeframe ?? DEFAULT_TIMEFRAME]!;
    const end = floorToStep(now, step) + STEP_MS[step];
    return { from: end - count * STEP_MS[step], to: end, step };
  }
  if (timeframe !== undefined)
    throw validationError({ pointer: '?timeframe', detail: 'Send a timeframe, or from and to, not both.' });
  if (from === undefined)
    throw validationError({ pointer: '?to', detail: 'to requires from: send the start of the period too.' });
  const [first, end] = [new Date(from).getTime(), to === undefined ? now : new Date(to).getTime()];
  if (first >= end)
    throw validationError({ pointer: '?from', detail: `from must be before ${to === undefined ? 'now' : 'to'}.` });
  const step = findFinestStep(first, end, now);
  const range = { from: floorToStep(first, step), to: floorToStep(end - 1, step) + STEP_MS[step], step };
  if (range.to - range.from > MAX_RANGE_MS.day)
    throw validationError({ pointer: '?from', detail: 'Request three years or less at a time.' });
  return range;
}

/** Same as `resolveStatisticsRange`, for figures counted from records. Throws `validation_failed` for more than 31 days. */
export function resolveSessionRange(query: PeriodQuery, now: number): StatisticsRange {
  const range = resolveStatisticsRange(query, now);
  if (range.to - range.from <= MAX_SESSION_DAYS * DAY_MS) return range;
  throw validationError({
    pointer: `?${query.timeframe === undefined ? 'from' : 'timeframe'}`,
    detail: `Request ${MAX_SESSION_DAYS} days or less.`,
  });
}

function findFinestStep(from: number, to: number, now: number): Step {
  // An hour of margin each, so that a range never includes counters about to be deleted.
  for (const step of ['minute', 'hour'] as const)
    if (to - from <= MAX_RANGE_MS[step] && from >= now - COUNTER_RETENTION_MS[step] + HOUR_MS) return step;
  return 'day';
}

const floorToStep = (at: number, step: Step): number => at - (at % STEP_MS[step]);
