/** Converts rows of the roll-ups to the figures that readers of statistics see. */
import { toUsd } from '../prices/usd.js';
import type { LatencyFigures, UsageFigures, UsagePoint } from './statistics.dto.js';
import { listSteps, type StatisticsRange } from '../rollup/statistics-range.js';
import { SLOT_RATIO, type Counter } from '../rollup/counters.js';

/** Sums of counters; the database returns 64-bit sums as text. */
export type CounterRow = Record<Counter, string | number>;

export interface SlotRow {
  slot: number;
  calls: string | number;
}

export function toFigures(row: CounterRow | undefined): UsageFigures {
  const sum = (counter: Counter): number => Number(row?.[counter] ?? 0);
  return {
    requests: sum('requests'),
    errors: sum('errors'),
    inputTokens: sum('input_tokens'),
    cachedInputTokens: sum('cached_input_tokens'),
    cacheWriteTokens: sum('cache_write_tokens'),
    outputTokens: sum('output_tokens'),
    reasoningTokens: sum('reasoning_tokens'),
    costUsd: toUsd(sum('cost_micro_usd')),
    subscriptionRequests: sum('subscription_requests'),
    subscriptionCostUsd: toUsd(sum('subscription_cost_micro_usd')),
  };
}

export const addLatency = (figures: UsageFigures, slots: readonly SlotRow[]): LatencyFigures => ({
  ...figures,
  latencyP50Ms: computePercentile(slots, 0.5),
  latencyP95Ms: computePercentile(slots, 0.95),
});

/** Returns one point for each step of the range; `rows` by the Unix milliseconds at which their steps begin. */
export function toSeries(range: StatisticsRange, rows: ReadonlyMap<number, CounterRow>): UsagePoint[] {
  return listSteps(range).map((at) => ({ at: new Date(at), ...toFigures(rows.get(at)) }));
}

/** Returns milliseconds, assuming that calls are spread evenly within a slot. Null without calls. */
export function computePercentile(slots: readonly SlotRow[], share: number): number | null {
  const counts = new Map<number, number>();
  for (const { slot, calls } of slots) counts.set(slot, (counts.get(slot) ?? 0) + Number(calls));
  const rank = share * [...counts.values()].reduce((sum, calls) => sum + calls, 0);
  let before = 0;
  for (const [slot, calls] of [...counts].sort(([a], [b]) => a - b)) {
    if (before + calls >= rank) return Math.round(SLOT_RATIO ** (slot + (rank - before) / calls) * 10) / 10;
    before += calls;
  }
  return null;
}
