/** Lists limits for admins, with their usage. */
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, type EntityManager } from 'typeorm';
import type { Actor } from '../../../auth/callers/actor.js';
import { notFound } from '../../../admin-api/refusals.js';
import { Clock } from '../../../platform/time/clock.js';
import { AppLogger } from '../../../platform/logging/app-logger.js';
import { listPage } from '../../../admin-api/list-page.js';
import type { Page } from '../../../admin-api/page.js';
import { EACH, type Limit } from '../definitions/limit.js';
import { fromUnits } from '../definitions/limit-types.js';
import { LimitCounters, type Reading } from '../counters/limit-counters.js';
import { LimitEntity } from '../definitions/limit.entity.js';
import { getBucketLength, computeBucketEnd, findWindowPosition } from '../definitions/limit-window.js';
import { toLimitTerms, type LimitUsage, type LimitView, type ListLimitsQuery } from './limits.dto.js';
import { toLimit } from '../definitions/limit-set.js';

const UNKNOWN_USAGE: LimitUsage = { used: null, reserved: null, remaining: null, resetsAt: null };

@Injectable()
export class LimitsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly counters: LimitCounters,
    private readonly clock: Clock,
    private readonly logger: AppLogger,
  ) {}

  /** In the order of creation. */
  async list({ caller }: Actor, query: ListLimitsQuery): Promise<Page<LimitView>> {
    const { entityType, entityId } = query;
    const limits = this.dataSource.manager
      .createQueryBuilder(LimitEntity, 'l')
      .where({
        organizationId: caller.organizationId,
        ...(entityType === undefined ? {} : { entityType }),
        ...(entityId === undefined ? {} : { entityId: entityId === EACH ? IsNull() : entityId }),
      })
      .orderBy('l.id');
    return listPage(limits, query, { toViews: (rows) => this.toViews(rows) });
  }

  async get(actor: Actor, id: string): Promise<LimitView> {
    const [view] = await this.toViews([await loadLimit(this.dataSource.manager, actor, id)]);
    return view!;
  }

  async toViews(rows: readonly LimitEntity[]): Promise<LimitView[]> {
    const limits = rows.filter(({ entityId }) => entityId !== null).map(toLimit);
    const readings = await this.#readCounters(limits);
    const now = this.clock.now();
    const usages = new Map(limits.map((limit, i) => [limit.id, readings && toLimitUsage(limit, readings[i]!, now)]));
    return rows.map((row) => ({ ...toLimitTerms(row), ...(usages.get(row.id) ?? UNKNOWN_USAGE) }));
  }

  /** Returns null while the shared state is unavailable: limits can still be read and changed. */
  async #readCounters(limits: readonly Limit[]): Promise<Reading[] | null> {
    try {
      return await this.counters.read(limits);
    } catch (error) {
      this.logger.pino.warn({ err: error }, 'how limits stand cannot be told');
      return null;
    }
  }
}

export function toLimitUsage(
  { limitType, window, max }: Limit,
  { used, reserved, latest }: Reading,
  now: number,
): LimitUsage {
  const toValue = (units: number): number => fromUnits(limitType, units);
  const isCalendar = getBucketLength(window) === null;
  const end = isCalendar
    ? computeBucketEnd(window, findWindowPosition(window, now).bucket)
    : latest === null
      ? null
      : computeBucketEnd(window, latest);
  return {
    used: toValue(used),
    reserved: toValue(reserved),
    remaining: toValue(Math.max(0, max - used - reserved)),
    resetsAt: end === null ? null : new Date(end),
  };
}

/**
 * Returns the row. Throws `not_found` (404) when the actor's organization has none with this id. `lock`: until the
 * transaction ends.
 */
export async function loadLimit(
  manager: EntityManager,
  { caller }: Actor,
  id: string,
  lock = false,
): Promise<LimitEntity> {
  const row = await manager.findOne(LimitEntity, {
    where: { id, organizationId: caller.organizationId },
    ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}),
  });
  if (!row) throw notFound('limit', id);
  return row;
}
