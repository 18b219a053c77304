/** A limit, as calls are held against it. Pure. */
import type { OrgId } from '../../platform/ids.js';
import type { LimitWindow } from './limit-window.js';

export const LIMITED_ENTITIES = ['organization', 'team', 'user', 'virtual_key', 'oauth_client', 'llm_proxy'] as const;
export type LimitedEntity = (typeof LIMITED_ENTITIES)[number];

/** `parallel_requests`: calls under way at once. Such a limit has no window: what is over counts no more. */
export const LIMIT_TYPES = ['token_cost', 'tokens', 'requests', 'parallel_requests'] as const;
export type LimitType = (typeof LIMIT_TYPES)[number];

/** These are counted from what the provider tells of a call. */
export const METERED_TYPES: ReadonlySet<LimitType> = new Set(['token_cost', 'tokens']);

/** Frozen; shared between requests. */
export interface Limit {
  readonly id: string;
  readonly organisationId: OrgId;
  readonly entityType: LimitedEntity;
  readonly entityId: string;
  readonly limitType: LimitType;
  /** A limit on calls at once stands as one of the shortest window, in which nothing is ever used. */
  readonly window: LimitWindow;
  /** In the limit's unit: micro US dollars, tokens or calls. Whole. */
  readonly most: number;
  /** Patterns of models; empty: all. */
  readonly model: readonly string[];
  /** Where its counter stands in the shared state. Another window, type or choice of models is another counter. */
  readonly counter: string;
}

/** In place of an entity's id: each of its kind, for itself. */
export const EACH = '*';

const MICRO = 1_000_000;

/** What an admin wrote (US dollars for `token_cost`), in the unit that is counted. */
export const toUnits = (limitType: LimitType, value: number): number =>
  limitType === 'token_cost' ? Math.round(value * MICRO) : value;

/** What was counted, in the unit that an admin reads. */
export const fromUnits = (limitType: LimitType, units: number): number =>
  limitType === 'token_cost' ? units / MICRO : units;

/** A limit of a minute slows callers down (429); every longer one is a budget (402). */
export const isRate = ({ window }: Pick<Limit, 'window'>): boolean => window === '1m';
