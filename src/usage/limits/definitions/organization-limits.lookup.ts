/**
 * Looks up the limits that apply to calls, cached per organization as a whole. Without limits, a call costs one look-up
 * in memory.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../../auth/callers/caller.js';
import { Clock } from '../../../platform/time/clock.js';
import { AppConfig } from '../../../platform/config/app-config.js';
import { AuthEvents } from '../../../platform/events/auth-events.js';
import { InvalidatedCache, type Tagged } from '../../../platform/events/invalidated-cache.js';
import type { OrgId } from '../../../platform/ids.js';
import { LimitSet, type LimitRow } from './limit-set.js';

const ORGANIZATION_CACHE_SIZE = 10_000;

@Injectable()
export class OrganizationLimitsLookup {
  readonly #cache: InvalidatedCache<LimitSet>;

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new InvalidatedCache(events, clock, {
      max: ORGANIZATION_CACHE_SIZE,
      staleSeconds: config.auth.staleSeconds,
    });
  }

  /** Returns synchronously when cached. */
  get(organizationId: OrgId): LimitSet | Promise<LimitSet> {
    const load = (): Promise<Tagged<LimitSet>> => this.#load(organizationId);
    return this.#cache.peek(organizationId, load) ?? this.#cache.get(organizationId, load);
  }

  async #load(organizationId: OrgId): Promise<Tagged<LimitSet>> {
    const rows = await this.dataSource.query<LimitRow[]>(
      `SELECT id, organization_id AS "organizationId", entity_type AS "entityType", entity_id AS "entityId",
              limit_type AS "limitType", limit_value AS "limitValue", model, "window",
              include_existing AS "includeExisting", created_at AS "createdAt"
         FROM usage_limit WHERE organization_id = $1 ORDER BY id`,
      [organizationId],
    );
    return { value: new LimitSet(rows), tags: [authTag.limits(organizationId), authTag.organization(organizationId)] };
  }
}
