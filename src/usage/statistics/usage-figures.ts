/** Converts rows of the roll-ups to the figures that readers of statistics see. */
import { toUsd } from '../prices/usd.js';
import type { LatencyFigures, UsageFigures, UsagePoint } from './statistics.dto.js';
import { listSteps, type StatisticsRange } from '../rollup/statistics-range.js';
import { LATENCY_BUCKET_RATIO, type Counter } from '../rollup/counters.js';

/** Sums of counters; the database returns 64-bit sums as text. */
export type CounterRow = Record<Counter, string | number>;

export interface LatencyBucketRow {
  slot: number;
  calls: string | number;
}

export function toFigures(row: CounterRow | undefined): UsageFigures {
  const readCount = (counter: Counter): number => Number(row?.[counter] ?? 0);
  return {
    requests: readCount('requests'),
    errors: readCount('errors'),
    inputTokens: readCount('input_tokens'),
    cachedInputTokens: readCount('cached_input_tokens'),
    cacheWriteTokens: readCount('cache_write_tokens'),
    outputTokens: readCount('output_tokens'),
    reasoningTokens: readCount('reasoning_tokens'),
    costUsd: toUsd(readCount('cost_micro_usd')),
    subscriptionRequests: readCount('subscription_requests'),
    subscriptionCostUsd: toUsd(readCount('subscription_cost_micro_usd')),
  };
}

export const addLatency = (figures: UsageFigures, buckets: readonly LatencyBucketRow[]): LatencyFigures => ({
  ...figures,
  latencyP50Ms: computePercentile(buckets, 0.5),
  latencyP95Ms: computePercentile(buckets, 0.95),
});

/** Returns one point for each step of the range; `rows` by the Unix milliseconds at which their steps begin. */
export function toSeries(range: StatisticsRange, rows: ReadonlyMap<number, CounterRow>): UsagePoint[] {
  return listSteps(range).map((at) => ({ at: new Date(at), ...toFigures(rows.get(at)) }));
}

/** Returns milliseconds, assuming that calls are spread evenly within a slot. Null without calls. */
export function computePercentile(buckets: readonly LatencyBucketRow[], share: number): number | null {
  const counts = new Map<number, number>();
  for (const { slot, calls } of buckets) counts.set(slot, (counts.get(slot) ?? 0) + Number(calls));
  const rank = share * [...counts.values()].reduce((sum, calls) => sum + calls, 0);
  let before = 0;
  for (const [slot, calls] of [...counts].sort(([a], [b]) => a - b)) {
    if (before + calls >= rank) return Math.round(LATENCY_BUCKET_RATIO ** (slot + (rank - before) / calls) * 10) / 10;
    before += calls;
  }
  return null;
}
