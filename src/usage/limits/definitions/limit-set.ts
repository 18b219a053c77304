/**
 * The limits of an organization, indexed by entity: those on one entity, and defaults for each entity of a kind that
 * has none of its own. Pure.
 */
import { createHash } from 'node:crypto';
import { isCreatedSince, type OrgId } from '../../../platform/ids.js';
import { EACH, type Limit, type LimitedEntity } from './limit.js';
import { describeLimitType, toUnits, type LimitType } from './limit-types.js';
import type { LimitEntity } from './limit.entity.js';
import type { LimitWindow } from './limit-window.js';

export type LimitRow = Pick<
  LimitEntity,
  | 'id'
  | 'organizationId'
  | 'entityType'
  | 'entityId'
  | 'includeExisting'
  | 'limitType'
  | 'limitValue'
  | 'model'
  | 'window'
  | 'createdAt'
>;

/** A limit with its counting key: type, window and models. */
interface KeyedLimit {
  readonly limit: Limit;
  readonly countingKey: string;
}

/** A limit on each entity of a kind, not yet bound to one. */
interface DefaultLimit extends KeyedLimit {
  /** Unix milliseconds: it binds entities created then or later. */
  readonly since: number;
}

const NONE: readonly Limit[] = Object.freeze([]);

/** Limits on one kind of entity. */
interface LimitsOfKind {
  readonly own: Map<string, KeyedLimit[]>;
  readonly defaults: DefaultLimit[];
}

export class LimitSet {
  readonly #kinds = new Map<LimitedEntity, LimitsOfKind>();

  constructor(rows: readonly LimitRow[]) {
    for (const row of rows) {
      const limit = toLimit(row);
      const keyed = { limit, countingKey: toCountingKey(limit) };
      const { own, defaults } = this.#getOrCreateKind(limit.entityType);
      if (row.entityId === null) defaults.push({ ...keyed, since: getSinceMs(row) });
      else own.set(row.entityId, [...(own.get(row.entityId) ?? []), keyed]);
    }
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  /** An entity's own limit replaces the default with the same counting key. */
  find(entityType: LimitedEntity, entityId: string): readonly Limit[] {
    const kind = this.#kinds.get(entityType);
    if (!kind) return NONE;
    const own = kind.own.get(entityId) ?? [];
    const defaults = kind.defaults.filter(
      ({ countingKey, since }) =>
        isCreatedSince(entityId, since) && !own.some((limit) => limit.countingKey === countingKey),
    );
    return [...own.map(({ limit }) => limit), ...defaults.map(({ limit }) => bindToEntity(limit, entityId))];
  }

  #getOrCreateKind(entityType: LimitedEntity): LimitsOfKind {
    let kind = this.#kinds.get(entityType);
    if (!kind) this.#kinds.set(entityType, (kind = { own: new Map(), defaults: [] }));
    return kind;
  }
}

export function toLimit(row: LimitRow): Limit {
  const limitType = row.limitType as LimitType;
  return Object.freeze({
    id: row.id,
    organizationId: row.organizationId as OrgId,
    entityType: row.entityType as LimitedEntity,
    entityId: row.entityId ?? EACH,
    limitType,
    window: (describeLimitType(limitType).fixedWindow ?? row.window) as LimitWindow,
    max: toUnits(limitType, row.limitValue),
    model: Object.freeze([...row.model]),
    counter: `limit:${row.id}:${createHash('sha256').update(toCountingKey(row)).digest('base64url').slice(0, 10)}`,
  });
}

/** Each entity has its own counter. */
const bindToEntity = (limit: Limit, entityId: string): Limit =>
  Object.freeze({ ...limit, entityId, counter: `${limit.counter}:${entityId}` });

const toCountingKey = ({
  limitType,
  window,
  model,
}: Pick<LimitRow, 'limitType' | 'window'> & Pick<Limit, 'model'>): string => JSON.stringify([limitType, window, model]);

const getSinceMs = ({ includeExisting, createdAt }: LimitRow): number => (includeExisting ? 0 : createdAt.getTime());
