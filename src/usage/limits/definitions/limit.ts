/** A limit on calls. Pure. */
import type { OrgId } from '../../../platform/ids.js';
import { describeLimitType, type LimitType } from './limit-types.js';
import type { LimitWindow } from './limit-window.js';

export const LIMITED_ENTITIES = ['organization', 'team', 'user', 'virtual_key', 'oauth_client', 'llm_proxy'] as const;
export type LimitedEntity = (typeof LIMITED_ENTITIES)[number];

/** Frozen; shared between requests. */
export interface Limit {
  readonly id: string;
  readonly organizationId: OrgId;
  readonly entityType: LimitedEntity;
  readonly entityId: string;
  readonly limitType: LimitType;
  /** The type's own where the admin chooses none. */
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

/** A limit per minute slows callers down (429); every longer one is a budget (402). */
export const isRateLimit = ({ window }: Pick<Limit, 'window'>): boolean => window === '1m';

/** Returns the window that an admin chose; null for types without a choice. */
export const getChosenWindow = ({ limitType, window }: Pick<Limit, 'limitType' | 'window'>): LimitWindow | null =>
  describeLimitType(limitType).fixedWindow === null ? window : null;
