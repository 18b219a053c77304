/** The limits of an organisation by what they bind: those on one thing, and those on each of a kind that has none of its own. Pure. */
import { createHash } from 'node:crypto';
import { isMadeSince, type OrgId } from '../../platform/ids.js';
import { EACH, toUnits, type Limit, type LimitedEntity, type LimitType } from './limit.js';
import type { LimitEntity } from './limit.entity.js';
import type { LimitWindow } from './limit-window.js';

export type LimitRow = Pick<
  LimitEntity,
  | 'id'
  | 'organisationId'
  | 'entityType'
  | 'entityId'
  | 'includeExisting'
  | 'limitType'
  | 'limitValue'
  | 'model'
  | 'window'
  | 'createdAt'
>;

/** A limit, and what it counts: type, window and models. */
interface Counting {
  readonly limit: Limit;
  readonly counted: string;
}

/** On each of a kind, before it is known on which. */
interface DefaultLimit extends Counting {
  /** Unix milliseconds: it binds what was made then or later. */
  readonly since: number;
}

export class LimitSet {
  readonly isEmpty: boolean;
  readonly #own = new Map<string, Counting[]>();
  readonly #defaults = new Map<string, DefaultLimit[]>();

  constructor(rows: readonly LimitRow[]) {
    this.isEmpty = rows.length === 0;
    for (const row of rows) {
      const limit = toLimit(row);
      const counting = { limit, counted: countedBy(limit) };
      if (row.entityId !== null) add(this.#own, `${row.entityType}:${row.entityId}`, counting);
      else add(this.#defaults, row.entityType, { ...counting, since: sinceOf(row) });
    }
  }

  /** A limit of its own takes the place of the default one that counts the same. */
  on(entityType: LimitedEntity, entityId: string): Limit[] {
    const own = this.#own.get(`${entityType}:${entityId}`) ?? [];
    const defaults = (this.#defaults.get(entityType) ?? []).filter(
      ({ counted, since }) => isMadeSince(entityId, since) && !own.some((limit) => limit.counted === counted),
    );
    return [...own.map(({ limit }) => limit), ...defaults.map(({ limit }) => boundTo(limit, entityId))];
  }
}

export function toLimit(row: LimitRow): Limit {
  const limitType = row.limitType as LimitType;
  return Object.freeze({
    id: row.id,
    organisationId: row.organisationId as OrgId,
    entityType: row.entityType as LimitedEntity,
    entityId: row.entityId ?? EACH,
    limitType,
    window: (row.window ?? '1m') as LimitWindow,
    most: toUnits(limitType, row.limitValue),
    model: Object.freeze([...row.model]),
    counter: `limit:${row.id}:${createHash('sha256').update(countedBy(row)).digest('base64url').slice(0, 10)}`,
  });
}

/** Each has a counter of its own. */
const boundTo = (limit: Limit, entityId: string): Limit =>
  Object.freeze({ ...limit, entityId, counter: `${limit.counter}:${entityId}` });

const countedBy = ({
  limitType,
  window,
  model,
}: Pick<LimitRow, 'limitType' | 'window'> & Pick<Limit, 'model'>): string => JSON.stringify([limitType, window, model]);

const sinceOf = ({ includeExisting, createdAt }: LimitRow): number => (includeExisting ? 0 : createdAt.getTime());

function add<Value>(to: Map<string, Value[]>, key: string, value: Value): void {
  const there = to.get(key);
  if (there) there.push(value);
  else to.set(key, [value]);
}
