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

  async overview(organizationId: OrgId, query: StatisticsQuery): Promise<OverviewStatistics> {
    const span = this.#span(organizationId, 'all', query);
    const { totals, series } = await readOne(span, '');
    const slots = await span.slots(['']);
    const slotsAt = groupBy(slots, ({ at }) => at.getTime());
    return {
      ...toStatisticsTime(span.range),
      totals: addLatency(totals, slots),
      series: series.map(({ at, ...figures }) => ({ at, ...addLatency(figures, slotsAt.get(at.getTime()) ?? []) })),
    };
  }

  async own(caller: Caller, query: StatisticsQuery): Promise<OwnStatistics> {
    const span = this.#span(caller.organizationId, 'user', query);
    return { ...toStatisticsTime(span.range), ...(await readOne(span, getUserId(caller) ?? '')) };
  }

  async ranked(organizationId: OrgId, by: NamedEntity, query: RankedStatisticsQuery): Promise<RankedStatistics> {
    const span = this.#span(organizationId, by, query);
    return { ...toStatisticsTime(span.range), ...(await this.#page(organizationId, by, span, query)) };
  }

  /** Ranks by session, from the records: labels that clients choose have no counters. */
  async sessions(organizationId: OrgId, query: RankedStatisticsQuery): Promise<RankedStatistics> {
    const range = resolveSessionRange(query, this.clock.now());
    const span = new UsageSpan(this.dataSource, organizationId, 'session', range);
    return { ...toStatisticsTime(range), ...(await this.#page(organizationId, 'session', span, query)) };
  }

  /** Ranks models, with the latencies of their calls. */
  async models(organizationId: OrgId, query: RankedStatisticsQuery): Promise<ModelStatistics> {
    const span = this.#span(organizationId, 'model', query);
    const { data, pagination } = await this.#page(organizationId, 'model', span, query);
    const slots = groupBy(await span.slots(data.map(({ entityId }) => entityId)), ({ value }) => value);
    return {
      ...toStatisticsTime(span.range),
      data: data.map((row) => ({ ...row, totals: addLatency(row.totals, slots.get(row.entityId) ?? []) })),
      pagination,
    };
  }

  async #page(
    organizationId: OrgId,
    by: NamedEntity,
    span: UsageSpan,
    query: RankedStatisticsQuery,
  ): Promise<{ data: RankedUsage[]; pagination: Pagination }> {
    const { rows, total } = await span.ranked(query.limit, query.offset);
    const values = rows.map(({ value }) => value);
    const series = await span.series(values);
    const names = await findEntityNames(this.dataSource, by, organizationId, values);
    const data = rows.map((row) => ({
      entityId: row.value,
      name: names.get(row.value) ?? null,
      totals: toFigures(row),
      series: toSeries(span.range, series.get(row.value) ?? new Map()),
    }));
    return toPage(data, total, query);
  }

  #span(organizationId: OrgId, dimension: Dimension, query: StatisticsQuery): UsageSpan {
    return new UsageSpan(this.dataSource, organizationId, dimension, resolveStatisticsRange(query, this.clock.now()));
  }
}

async function readOne(span: UsageSpan, value: string): Promise<{ totals: UsageFigures; series: UsagePoint[] }> {
  const totals = await span.totals(value);
  const series = await span.series([value]);
  return { totals: toFigures(totals), series: toSeries(span.range, series.get(value) ?? new Map()) };
}

const toStatisticsTime = ({ from, to, step }: StatisticsRange): StatisticsTime => ({
  from: new Date(from),
  to: new Date(to),
  step,
});
