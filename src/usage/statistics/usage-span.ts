/** The counters of one organization in one period, by one dimension: for all its values, some, or one. */
import type { DataSource } from 'typeorm';
import type { OrgId } from '../../platform/ids.js';
import { listSteps, type StatisticsRange } from '../rollup/statistics-range.js';
import type { CounterRow, LatencyBucketRow } from './usage-figures.js';
import { getCounterRows, COUNTERS, type CounterRows, type Dimension } from '../rollup/counters.js';

const SUMS = COUNTERS.map((counter) => `sum(r.${counter}) AS ${counter}`).join(', ');
const WITHIN = 'r.organization_id = $1 AND r.dimension = $2 AND r.step = $3 AND r.at >= $4 AND r.at < $5';

export interface Valued {
  value: string;
}

export class UsageSpan {
  readonly #key: readonly unknown[];
  readonly #rows: CounterRows;

  constructor(
    private readonly dataSource: DataSource,
    organizationId: OrgId,
    dimension: Dimension,
    readonly range: StatisticsRange,
  ) {
    this.#key = [organizationId, dimension, range.step, new Date(range.from), new Date(range.to)];
    this.#rows = getCounterRows(dimension, range.step);
  }

  async readTotals(value: string): Promise<CounterRow | undefined> {
    const [row] = await this.#query<CounterRow>(
      `SELECT ${SUMS} FROM ${this.#rows.rollup} r WHERE ${WITHIN} AND r.value = $6`,
      value,
    );
    return row;
  }

  /** Returns the most expensive values first, then those with the most calls. `total`: number of all values. */
  async readRanked(limit: number, offset: number): Promise<{ rows: (CounterRow & Valued)[]; total: number }> {
    const rows = await this.#query<CounterRow & Valued & { total: number }>(
      `WITH ranked AS MATERIALIZED (
              SELECT r.value, ${SUMS} FROM unnest($6::timestamptz[]) AS t (at) ${this.#buildJoin('r.at = t.at')} GROUP BY r.value),
            page AS (SELECT * FROM ranked ORDER BY cost_micro_usd DESC, requests DESC, value LIMIT $7 OFFSET $8)
       SELECT count.total, page.* FROM (SELECT count(*)::int AS total FROM ranked) AS count LEFT JOIN page ON true
        ORDER BY page.cost_micro_usd DESC, page.requests DESC, page.value`,
      this.#steps,
      limit,
      offset,
    );
    // A page beyond the end is one row that contains only the total.
    return { rows: rows.filter(({ value }) => value !== null), total: rows[0]?.total ?? 0 };
  }

  /** Value → the step's beginning in Unix milliseconds → counters. */
  async readSeries(values: readonly string[]): Promise<Map<string, Map<number, CounterRow>>> {
    // Steps times values: the period may contain thousands of other values.
    const rows = await this.#query<CounterRow & Valued & { at: Date }>(
      `SELECT r.value, r.at, ${SUMS}
         FROM unnest($6::timestamptz[]) AS t (at)
        CROSS JOIN unnest($7::text[]) AS v (value)
         ${this.#buildJoin('r.at = t.at AND r.value = v.value')}
        GROUP BY r.value, r.at`,
      this.#steps,
      values,
    );
    const byValue = groupBy(rows, ({ value }) => value);
    return new Map(
      [...byValue].map(([value, points]) => [value, new Map(points.map((row) => [row.at.getTime(), row]))]),
    );
  }

  readLatencyBuckets(values: readonly string[]): Promise<(LatencyBucketRow & Valued & { at: Date })[]> {
    return this.#query(
      `SELECT r.value, r.at, r.slot, r.calls FROM ${this.#rows.latency} r WHERE ${WITHIN} AND r.value = ANY($6)`,
      values,
    );
  }

  /**
   * Joins the counters to the wanted keys. Looks a table up by its key, one step after another: OFFSET 0 keeps the
   * planner from reading all of it.
   */
  #buildJoin(condition: string): string {
    const { rollup, isTable } = this.#rows;
    return isTable
      ? `CROSS JOIN LATERAL (SELECT * FROM ${rollup} r WHERE ${WITHIN} AND ${condition} OFFSET 0) AS r`
      : `JOIN ${rollup} r ON ${WITHIN} AND ${condition}`;
  }

  get #steps(): Date[] {
    return listSteps(this.range).map((at) => new Date(at));
  }

  #query<T>(sql: string, ...values: unknown[]): Promise<T[]> {
    return this.dataSource.query<T[]>(sql, [...this.#key, ...values]);
  }
}

export function groupBy<K, T>(rows: readonly T[], toKey: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const key = toKey(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
