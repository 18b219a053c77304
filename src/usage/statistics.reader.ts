/** What calls came to, from the roll-ups alone: what an answer costs does not grow with the number of calls. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { userOf, type Caller } from '../auth/caller.js';
import { Clock } from '../platform/clock.js';
import type { OrgId } from '../platform/ids.js';
import { toPage, type Pagination } from '../platform/page.js';
import type {
  OverviewStatistics,
  OwnStatistics,
  RankedStatistics,
  RankedStatisticsQuery,
  RankedUsage,
  StatisticsQuery,
  StatisticsTime,
  TimedRankedStatistics,
} from './statistics.dto.js';
import { statisticsRange, STEP_MS, type StatisticsRange } from './statistics-range.js';
import { toFigures, toSeries, withLatency, type CounterRow, type SlotRow } from './usage-figures.js';
import { COUNTERS, type Dimension } from './usage-rollup.js';

/** What calls are ranked by, and where the names of it are: `$1` the organisation, `$2` the values. */
const NAMES = {
  user: 'SELECT id::text AS value, name FROM app_user WHERE organisation_id = $1 AND id = ANY($2::uuid[])',
  team: 'SELECT id::text AS value, name FROM team WHERE organisation_id = $1 AND id = ANY($2::uuid[])',
  proxy: 'SELECT id::text AS value, name FROM llm_proxy WHERE organisation_id = $1 AND id = ANY($2::uuid[])',
  key: 'SELECT id::text AS value, name FROM virtual_key WHERE organisation_id = $1 AND id = ANY($2::uuid[])',
  // What registered itself belongs to no organisation.
  client: `SELECT client_id AS value, name FROM oauth_client
            WHERE (organisation_id = $1 OR organisation_id IS NULL) AND client_id = ANY($2)`,
  model: `SELECT value, value AS name FROM unnest($2::text[]) AS v (value) WHERE $1::uuid IS NOT NULL`,
};
export type Ranked = keyof typeof NAMES;

const SUMS = COUNTERS.map((counter) => `sum(${counter}) AS ${counter}`).join(', ');
const SPAN = 'organisation_id = $1 AND dimension = $2 AND step = $3 AND at >= $4 AND at < $5';

/** Steps times values, each looked up by its key: the range may hold thousands of values more. */
const SERIES = `
  SELECT r.value, r.at, ${COUNTERS.map((counter) => `r.${counter}`).join(', ')}
    FROM generate_series($4::timestamptz, $5::timestamptz - $7::interval, $7::interval) AS t (at)
   CROSS JOIN unnest($6::text[]) AS v (value)
    JOIN usage_rollup r ON r.organisation_id = $1 AND r.dimension = $2 AND r.step = $3 AND r.at = t.at AND r.value = v.value`;

@Injectable()
export class StatisticsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async overview(organisationId: OrgId, query: StatisticsQuery): Promise<OverviewStatistics> {
    const range = statisticsRange(query, this.clock.now());
    const { totals, series } = await this.#one(organisationId, 'all', '', range);
    const slots = await this.#slots(organisationId, 'all', [''], range);
    const slotsAt = groupedBy(slots, ({ at }) => at.getTime());
    return {
      ...timeOf(range),
      totals: withLatency(totals, slots),
      series: series.map(({ at, ...figures }) => ({ at, ...withLatency(figures, slotsAt.get(at.getTime()) ?? []) })),
    };
  }

  async own(caller: Caller, query: StatisticsQuery): Promise<OwnStatistics> {
    const range = statisticsRange(query, this.clock.now());
    return { ...timeOf(range), ...(await this.#one(caller.organisationId, 'user', userOf(caller) ?? '', range)) };
  }

  async ranked(organisationId: OrgId, by: Ranked, query: RankedStatisticsQuery): Promise<RankedStatistics> {
    const range = statisticsRange(query, this.clock.now());
    return { ...timeOf(range), ...(await this.#ranked(organisationId, by, range, query)) };
  }

  async timedRanked(
    organisationId: OrgId,
    by: 'model' | 'proxy',
    query: RankedStatisticsQuery,
  ): Promise<TimedRankedStatistics> {
    const range = statisticsRange(query, this.clock.now());
    const { data, pagination } = await this.#ranked(organisationId, by, range, query);
    const values = data.map(({ entityId }) => entityId);
    const slots = groupedBy(await this.#slots(organisationId, by, values, range), ({ value }) => value);
    return {
      ...timeOf(range),
      data: data.map((row) => ({ ...row, totals: withLatency(row.totals, slots.get(row.entityId) ?? []) })),
      pagination,
    };
  }

  async #one(organisationId: OrgId, dimension: Dimension, value: string, range: StatisticsRange) {
    const key = keyOf(organisationId, dimension, range);
    const [totals] = await this.dataSource.query<CounterRow[]>(
      `SELECT ${SUMS} FROM usage_rollup WHERE ${SPAN} AND value = $6`,
      [...key, value],
    );
    const series = await this.#series(key, [value], range);
    return { totals: toFigures(totals), series: toSeries(range, series.get(value) ?? new Map()) };
  }

  async #ranked(
    organisationId: OrgId,
    by: Ranked,
    range: StatisticsRange,
    query: RankedStatisticsQuery,
  ): Promise<{ data: RankedUsage[]; pagination: Pagination }> {
    const key = keyOf(organisationId, by, range);
    const rows = await this.dataSource.query<(CounterRow & { value: string; total: number })[]>(
      `WITH ranked AS MATERIALIZED (SELECT value, ${SUMS} FROM usage_rollup WHERE ${SPAN} GROUP BY value),
            page AS (SELECT * FROM ranked ORDER BY cost_micro_usd DESC, requests DESC, value LIMIT $6 OFFSET $7)
       SELECT count.total, page.* FROM (SELECT count(*)::int AS total FROM ranked) AS count LEFT JOIN page ON true
        ORDER BY page.cost_micro_usd DESC, page.requests DESC, page.value`,
      [...key, query.limit, query.offset],
    );
    // A page beyond the end is one row with the total alone.
    const found = rows.filter(({ value }) => value !== null);
    const values = found.map(({ value }) => value);
    const series = await this.#series(key, values, range);
    const named = await this.dataSource.query<{ value: string; name: string }[]>(NAMES[by], [organisationId, values]);
    const names = new Map(named.map(({ value, name }) => [value, name]));
    const data = found.map((row) => ({
      entityId: row.value,
      name: names.get(row.value) ?? null,
      totals: toFigures(row),
      series: toSeries(range, series.get(row.value) ?? new Map()),
    }));
    return toPage(data, rows[0]?.total ?? 0, query);
  }

  /** Value → the step's beginning in Unix milliseconds → counters. */
  async #series(
    key: readonly unknown[],
    values: readonly string[],
    { step }: StatisticsRange,
  ): Promise<Map<string, Map<number, CounterRow>>> {
    const interval = `${STEP_MS[step] / 1000} seconds`;
    const rows = await this.dataSource.query<(CounterRow & { value: string; at: Date })[]>(SERIES, [
      ...key,
      values,
      interval,
    ]);
    const byValue = groupedBy(rows, ({ value }) => value);
    return new Map(
      [...byValue].map(([value, points]) => [value, new Map(points.map((row) => [row.at.getTime(), row]))]),
    );
  }

  #slots(organisationId: OrgId, dimension: Dimension, values: readonly string[], range: StatisticsRange) {
    return this.dataSource.query<(SlotRow & { value: string; at: Date })[]>(
      `SELECT value, at, slot, calls FROM usage_latency WHERE ${SPAN} AND value = ANY($6)`,
      [...keyOf(organisationId, dimension, range), values],
    );
  }
}

const keyOf = (organisationId: OrgId, dimension: Dimension, { step, from, to }: StatisticsRange): unknown[] => [
  organisationId,
  dimension,
  step,
  new Date(from),
  new Date(to),
];

const timeOf = ({ from, to, step }: StatisticsRange): StatisticsTime => ({
  from: new Date(from),
  to: new Date(to),
  step,
});

function groupedBy<K, T>(rows: readonly T[], keyOfRow: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const key = keyOfRow(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
