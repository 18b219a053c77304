/** The limits as calls look them up, all of an organisation together. Where there are none, a call costs one look-up in memory. */
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/caller.js';
import { Clock } from '../../platform/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { EventedCache, type Tagged } from '../../platform/events/evented-cache.js';
import type { OrgId } from '../../platform/ids.js';
import { toUnits, type Limit, type LimitedEntity, type LimitType } from './limit.js';
import type { LimitEntity } from './limit.entity.js';
import type { LimitWindow } from './limit-window.js';

/** The limits of one organisation by the entity that they bind. */
export type LimitsByEntity = ReadonlyMap<LimitedEntity, ReadonlyMap<string, readonly Limit[]>>;

const ORGANISATIONS_KEPT = 10_000;

@Injectable()
export class OrganisationLimits {
  readonly #cache: EventedCache<LimitsByEntity>;

  constructor(
    private readonly dataSource: DataSource,
    events: AuthEvents,
    clock: Clock,
    config: AppConfig,
  ) {
    this.#cache = new EventedCache(events, clock, { max: ORGANISATIONS_KEPT, staleSeconds: config.auth.staleSeconds });
  }

  /** At once where they are known. */
  of(organisationId: OrgId): LimitsByEntity | Promise<LimitsByEntity> {
    const load = (): Promise<Tagged<LimitsByEntity>> => this.#load(organisationId);
    return this.#cache.peek(organisationId, load) ?? this.#cache.get(organisationId, load);
  }

  async #load(organisationId: OrgId): Promise<Tagged<LimitsByEntity>> {
    const rows = await this.dataSource.query<LimitRow[]>(
      `SELECT id, organisation_id AS "organisationId", entity_type AS "entityType", entity_id AS "entityId",
              limit_type AS "limitType", limit_value AS "limitValue", model, "window"
         FROM usage_limit WHERE organisation_id = $1 ORDER BY id`,
      [organisationId],
    );
    const value = new Map<LimitedEntity, Map<string, Limit[]>>();
    for (const limit of rows.map(toLimit)) {
      const ofType = value.get(limit.entityType) ?? new Map<string, Limit[]>();
      value.set(limit.entityType, ofType.set(limit.entityId, [...(ofType.get(limit.entityId) ?? []), limit]));
    }
    return { value, tags: [authTag.limits(organisationId), authTag.organisation(organisationId)] };
  }
}

export type LimitRow = Pick<
  LimitEntity,
  'id' | 'organisationId' | 'entityType' | 'entityId' | 'limitType' | 'limitValue' | 'model' | 'window'
>;

export function toLimit(row: LimitRow): Limit {
  const limitType = row.limitType as LimitType;
  const counted = JSON.stringify([limitType, row.window, row.model]);
  return Object.freeze({
    id: row.id,
    organisationId: row.organisationId as OrgId,
    entityType: row.entityType as LimitedEntity,
    entityId: row.entityId,
    limitType,
    window: (row.window ?? '1m') as LimitWindow,
    most: toUnits(limitType, row.limitValue),
    model: Object.freeze([...row.model]),
    counter: `limit:${row.id}:${createHash('sha256').update(counted).digest('base64url').slice(0, 10)}`,
  });
}
