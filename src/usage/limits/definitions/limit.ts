/** A limit on calls. Pure. */
import type { OrgId } from '../../../platform/ids.js';
import type { LimitWindow } from './limit-window.js';

export const LIMITED_ENTITIES = ['organization', 'team', 'user', 'virtual_key', 'oauth_client', 'llm_proxy'] as const;
export type LimitedEntity = (typeof LIMITED_ENTITIES)[number];

/** `parallel_requests`: concurrent calls. Such a limit has no window: finished calls no longer count. */
export const LIMIT_TYPES = ['token_cost', 'tokens', 'requests', 'parallel_requests'] as const;
export type LimitType = (typeof LIMIT_TYPES)[number];

/** Counted from the usage that the provider reports. */
export const METERED_TYPES: ReadonlySet<LimitType> = new Set(['token_cost', 'tokens']);

/** Frozen; shared between requests. */
export interface Limit {
  readonly id: string;
  readonly organizationId: OrgId;
  readonly entityType: LimitedEntity;
  readonly entityId: string;
  readonly limitType: LimitType;
  /** A limit on concurrent calls has the shortest window, in which usage stays 0. */
  readonly window: LimitWindow;
  /** In the limit's unit: micro US dollars, tokens or calls. Whole. */
  readonly max: number;
  /** Patterns of models; empty: all. */
  readonly model: readonly string[];
  /** Key of its counter in the shared state. Another window, type or selection of models has another counter. */
  readonly counter: string;
}

/** In place of an entity's id: each entity of its kind separately. */
export const EACH = '*';

const MICRO = 1_000_000;

/** Converts an admin's value (US dollars for `token_cost`) to the counted unit. */
export const toUnits = (limitType: LimitType, value: number): number =>
  limitType === 'token_cost' ? Math.round(value * MICRO) : value;

/** Converts a counted amount to the admin's unit. */
export const fromUnits = (limitType: LimitType, units: number): number =>
  limitType === 'token_cost' ? units / MICRO : units;

/** A limit per minute slows callers down (429); every longer one is a budget (402). */
export const isRateLimit = ({ window }: Pick<Limit, 'window'>): boolean => window === '1m';
