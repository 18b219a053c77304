/** Builds the error for a call that exceeds a limit: which limit, and when it has room again. Pure. */
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import type { DialectId } from '../../../providers/dialects/base/dialect.js';
import type { Standing } from '../counters/scripts.js';
import { fromUnits, isRate, type LimitType } from '../definitions/limit.js';
import type { Ask } from '../counters/limit-counters.js';
import { endOf, positionAt } from '../definitions/limit-window.js';
import { rateHeaders } from './rate-limit-headers.js';

/** When only calls in flight can make room: some of them will have ended by then. */
const SOON_MS = 1_000;

export interface Stand extends Ask {
  readonly used: number;
  readonly held: number;
  readonly fits: boolean;
  /** Unix milliseconds at which the amount is expected to fit again. */
  readonly roomAt: number;
  /** Unix milliseconds at which everything counted now has left the window. */
  readonly emptyAt: number;
}

/** `standings` in the order of `asks`; at least one of them does not fit. */
export function refusal(
  asks: readonly Ask[],
  standings: readonly Standing[],
  now: number,
  dialect: DialectId,
): GatewayError {
  const stands = asks.map((ask, i) => standOf(ask, standings[i]!, now));
  const refused = stands.filter(({ fits }) => !fits);
  const budgets = refused.filter(({ limit }) => !isRate(limit));
  const deciding = (budgets.length > 0 ? budgets : refused).reduce((a, b) => (b.roomAt > a.roomAt ? b : a));
  return budgets.length > 0
    ? new GatewayError('budget_exceeded', budgetText(deciding), {
        reason: reasonOf(deciding),
        retryAfterSeconds: secondsUntil(deciding.roomAt, now),
        headers: limitHeader(deciding),
      })
    : new GatewayError('rate_limited', rateText(deciding), {
        reason: reasonOf(deciding),
        retryAfterSeconds: secondsUntil(deciding.roomAt, now),
        headers: { ...limitHeader(deciding), ...rateHeaders(stands, dialect, now) },
      });
}

function standOf({ limit, amount }: Ask, [fits, used, held, freeing, latest]: Standing, now: number): Stand {
  const { window, most } = limit;
  const emptyAt = endOf(window, latest >= 0 ? latest : positionAt(window, now).bucket);
  // An amount larger than the whole limit never fits: the honest response is the full window.
  const tooLarge = amount > most;
  const roomAt = freeing >= 0 ? endOf(window, freeing) : isRate(limit) && !tooLarge ? now + SOON_MS : emptyAt;
  return { limit, amount, used, held, fits: fits === 1, roomAt, emptyAt };
}

const secondsUntil = (instant: number, now: number): number => Math.max(0.001, (instant - now) / 1000);

const limitHeader = ({ limit, roomAt }: Stand): Record<string, string> => ({
  'x-gateway-limit': `${limit.id};scope=${limit.entityType};reset=${Math.ceil(roomAt / 1000)}`,
});

/** Returns the finer reason of a refusal. Stable. */
export const reasonOf = ({ limit: { entityType, limitType, window } }: Pick<Stand, 'limit'>): string =>
  limitType === 'parallel_requests' ? `${entityType}_${limitType}` : `${entityType}_${limitType}_${window}`;

const WORDS: Readonly<Record<LimitType, string>> = {
  token_cost: 'cost',
  tokens: 'tokens',
  requests: 'requests',
  parallel_requests: 'requests at once',
};

function budgetText(stand: Stand): string {
  const { limit, roomAt } = stand;
  return `The budget of this ${limit.entityType.replace('_', ' ')} does not cover this call: ${standing(stand)}. It has room again at ${new Date(roomAt).toISOString()}. Ask your administrator to raise the limit ${limit.id}, or ask for less with a lower ceiling on output tokens.`;
}

function rateText(stand: Stand): string {
  const { limit, amount, held } = stand;
  if (limit.limitType === 'parallel_requests')
    return `Too many calls at once: ${held} of ${limit.most} are under way (limit ${limit.id} of this ${limit.entityType.replace('_', ' ')}). Try again when one of them is over.`;
  if (amount > limit.most)
    return `This call alone is more than the limit ${limit.id} lets pass in a minute: ${standing(stand)}. Ask for less, with a lower ceiling on output tokens.`;
  return `Too much for one minute: ${standing(stand)} (limit ${limit.id} of this ${limit.entityType.replace('_', ' ')}). Try again when retry-after says.`;
}

function standing({ limit, amount, used, held }: Stand): string {
  const { limitType: type, window, most } = limit;
  const shown = (units: number): string => (type === 'token_cost' ? `$${fromUnits(type, units)}` : String(units));
  return `${shown(most)} of ${WORDS[type]} per ${window.replace('_', ' ')}, ${shown(used)} used, ${shown(held)} held by calls under way, up to ${shown(amount)} asked for`;
}
