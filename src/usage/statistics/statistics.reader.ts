/**
 * Reads the figures of calls from the roll-ups: the cost of a response does not grow with the number of calls. (Except
 * figures by minute, which grow with the calls of the last hours.)
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { getUserId, type Caller } from '../../auth/callers/caller.js';
import { Clock } from '../../platform/time/clock.js';
import type { OrgId } from '../../platform/ids.js';
import { toPage, type Pagination } from '../../admin-api/page.js';
import type {
  ModelStatistics,
  OverviewStatistics,
  OwnStatistics,
  RankedStatistics,
  RankedStatisticsQuery,
  RankedUsage,
  StatisticsQuery,
  StatisticsTime,
  UsageFigures,
  UsagePoint,
} from './statistics.dto.js';
import { findEntityNames, type NamedEntity } from '../rollup/entity-names.js';
import { resolveSessionRange, resolveStatisticsRange, type StatisticsRange } from '../rollup/statistics-range.js';
import { toFigures, toSeries, addLatency } from './usage-figures.js';
import type { Dimension } from '../rollup/counters.js';
import { groupBy, UsageSpan } from './usage-span.js';

@Injectable()
export class StatisticsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async readOverview(organizationId: OrgId, query: StatisticsQuery): Promise<OverviewStatistics> {
    const span = this.#createSpan(organizationId, 'all', query);
    const { totals, series } = await readOne(span, '');
    const buckets = await span.readLatencyBuckets(['']);
    const bucketsByTime = groupBy(buckets, ({ at }) => at.getTime());
    return {
      ...toStatisticsPeriod(span.range),
      totals: addLatency(totals, buckets),
      series: series.map(({ at, ...figures }) => ({
        at,
        ...addLatency(figures, bucketsByTime.get(at.getTime()) ?? []),
      })),
    };
  }

  async readOwn(caller: Caller, query: StatisticsQuery): Promise<OwnStatistics> {
    const span = this.#createSpan(caller.organizationId, 'user', query);
    return { ...toStatisticsPeriod(span.range), ...(await readOne(span, getUserId(caller) ?? '')) };
  }

  async readRanked(organizationId: OrgId, by: NamedEntity, query: RankedStatisticsQuery): Promise<RankedStatistics> {
    const span = this.#createSpan(organizationId, by, query);
    return { ...toStatisticsPeriod(span.range), ...(await this.#readPage(organizationId, by, span, query)) };
  }

  /** Ranks by session, from the records: labels that clients choose have no counters. */
  async readSessions(organizationId: OrgId, query: RankedStatisticsQuery): Promise<RankedStatistics> {
    const range = resolveSessionRange(query, this.clock.now());
    const span = new UsageSpan(this.dataSource, organizationId, 'session', range);
    return { ...toStatisticsPeriod(range), ...(await this.#readPage(organizationId, 'session', span, query)) };
  }

  /** Ranks models, with the latencies of their calls. */
  async readModels(organizationId: OrgId, query: RankedStatisticsQuery): Promise<ModelStatistics> {
    const span = this.#createSpan(organizationId, 'model', query);
    const { data, pagination } = await this.#readPage(organizationId, 'model', span, query);
    const bucketsByModel = groupBy(
      await span.readLatencyBuckets(data.map(({ entityId }) => entityId)),
      ({ value }) => value,
    );
    return {
      ...toStatisticsPeriod(span.range),
      data: data.map((row) => ({ ...row, totals: addLatency(row.totals, bucketsByModel.get(row.entityId) ?? []) })),
      pagination,
    };
  }

  async #readPage(
    organizationId: OrgId,
    by: NamedEntity,
    span: UsageSpan,
    query: RankedStatisticsQuery,
  ): Promise<{ data: RankedUsage[]; pagination: Pagination }> {
    const { rows, total } = await span.readRanked(query.limit, query.offset);
    const values = rows.map(({ value }) => value);
    const series = await span.readSeries(values);
    const names = await findEntityNames(this.dataSource, by, organizationId, values);
    const data = rows.map((row) => ({
      entityId: row.value,
      name: names.get(row.value) ?? null,
      totals: toFigures(row),
      series: toSeries(span.range, series.get(row.value) ?? new Map()),
    }));
    return toPage(data, total, query);
  }

  #createSpan(organizationId: OrgId, dimension: Dimension, query: StatisticsQuery): UsageSpan {
    return new UsageSpan(this.dataSource, organizationId, dimension, resolveStatisticsRange(query, this.clock.now()));
  }
}

async function readOne(span: UsageSpan, value: string): Promise<{ totals: UsageFigures; series: UsagePoint[] }> {
  const totals = await span.readTotals(value);
  const series = await span.readSeries([value]);
  return { totals: toFigures(totals), series: toSeries(span.range, series.get(value) ?? new Map()) };
}

const toStatisticsPeriod = ({ from, to, step }: StatisticsRange): StatisticsTime => ({
  from: new Date(from),
  to: new Date(to),
  step,
});
