/**
 * The types of limits, each as one descriptor: unit, window, what is reserved and counted, and texts. All code outside
 * this file reads the descriptor and names no type. Pure.
 */
import type { Billing } from '../../../providers/contract/billing.js';
import type { TokenUsage } from '../../../providers/dialects/base/dialect.js';
import type { LimitWindow } from './limit-window.js';

/** Usage of a call: estimated before it, measured afterwards. */
export interface UsedOrEstimated {
  usage: Pick<TokenUsage, 'inputTokens' | 'outputTokens'> | null;
  costMicroUsd: number | null;
}

export interface LimitTypeDescriptor {
  /** The counted quantity in messages, after an amount and `of`. */
  readonly noun: string;
  /** Precedes amounts in messages. */
  readonly symbol: string;
  /** Counted units in one unit of an admin's `limitValue`. 1: `limitValue` must be whole. */
  readonly unitsPerValue: number;
  /**
   * Null: an admin chooses the window. Otherwise all limits of the type have this window, and the API shows none. `1m`:
   * refusals are 429 `rate_limited`; others are 402 `budget_exceeded`.
   */
  readonly fixedWindow: LimitWindow | null;
  /** Whether the count comes from usage that providers report: paths without such a report are refused. */
  readonly isMetered: boolean;
  /** Whether the count needs the prices of models: models without a price are refused. */
  readonly isPriced: boolean;
  /** Calls with this billing are exempt. */
  readonly exemptBilling: Billing | null;
  /** Quantity in the rate-limit headers of vendors; null: they have none for it. */
  readonly headerQuantity: string | null;
  /** Returns the amount to reserve for a call. Whole. */
  readonly reserve: (estimate: UsedOrEstimated) => number;
  /** Returns the amount that a finished call used. Whole. */
  readonly count: (used: UsedOrEstimated) => number;
  /** The same as `count`, in SQL over one record of a call; null: finished calls never count. */
  readonly countSql: string | null;
  /**
   * Formats why a limit with `fixedWindow` refuses a call; `limit` names it. Types with a window have common texts.
   */
  readonly formatExceeded?: (reserved: number, max: number, limit: string) => string;
}

const MICRO = 1_000_000;

const sumTokens = ({ usage }: UsedOrEstimated): number => (usage === null ? 0 : usage.inputTokens + usage.outputTokens);

/** Rounds a fraction of a micro-dollar up. */
const ceilCost = ({ costMicroUsd }: UsedOrEstimated): number => Math.ceil(costMicroUsd ?? 0);

const countCall = (): number => 1;

/** By id. The order is that of the API's enumeration. */
export const LIMIT_TYPES = {
  /** In micro US dollars. A seat at the vendor is exempt from budgets in dollars. */
  token_cost: {
    noun: 'cost',
    symbol: '$',
    unitsPerValue: MICRO,
    fixedWindow: null,
    isMetered: true,
    isPriced: true,
    exemptBilling: 'subscription',
    headerQuantity: null,
    reserve: ceilCost,
    count: ceilCost,
    countSql: `CASE WHEN billing = 'subscription' THEN 0 ELSE ceil(cost_micro_usd) END`,
  },
  tokens: {
    noun: 'tokens',
    symbol: '',
    unitsPerValue: 1,
    fixedWindow: null,
    isMetered: true,
    isPriced: false,
    exemptBilling: null,
    headerQuantity: 'tokens',
    reserve: sumTokens,
    count: sumTokens,
    countSql: '(input_tokens + output_tokens)',
  },
  requests: {
    noun: 'requests',
    symbol: '',
    unitsPerValue: 1,
    fixedWindow: null,
    isMetered: false,
    isPriced: false,
    exemptBilling: null,
    headerQuantity: 'requests',
    reserve: countCall,
    count: countCall,
    countSql: '1',
  },
  /** Concurrent calls: finished ones no longer count. */
  parallel_requests: {
    noun: 'requests at once',
    symbol: '',
    unitsPerValue: 1,
    fixedWindow: '1m',
    isMetered: false,
    isPriced: false,
    exemptBilling: null,
    headerQuantity: null,
    reserve: countCall,
    count: () => 0,
    countSql: null,
    formatExceeded: (reserved, max, limit) =>
      `Too many calls at once: ${reserved} of ${max} are under way (${limit}). Try again when one of them is over.`,
  },
} as const satisfies Readonly<Record<string, LimitTypeDescriptor>>;

export type LimitType = keyof typeof LIMIT_TYPES;
export const LIMIT_TYPE_IDS = Object.keys(LIMIT_TYPES) as LimitType[];

export const describeLimitType = (type: LimitType): LimitTypeDescriptor => LIMIT_TYPES[type];

/** Types whose limits have no window in the API and in the database. */
export const WINDOWLESS_TYPES = LIMIT_TYPE_IDS.filter((type) => LIMIT_TYPES[type].fixedWindow !== null);

/** Converts an admin's value to the counted unit. */
export const toUnits = (type: LimitType, value: number): number => Math.round(value * LIMIT_TYPES[type].unitsPerValue);

/** Converts a counted amount to the admin's unit. */
export const fromUnits = (type: LimitType, units: number): number => units / LIMIT_TYPES[type].unitsPerValue;
