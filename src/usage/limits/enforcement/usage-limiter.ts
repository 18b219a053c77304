/**
 * Reserves the estimated maximum of a call in every applicable limit, atomically, and replaces the reservation by
 * actual usage afterwards. For an organization without applicable limits it awaits and queries nothing.
 */
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Caller } from '../../../auth/callers/caller.js';
import { Clock } from '../../../platform/time/clock.js';
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { AppLogger } from '../../../platform/logging/app-logger.js';
import type { ProxyId } from '../../../platform/ids.js';
import type { Dialect, RequestInfo } from '../../../providers/dialects/base/dialect.js';
import type { Billing } from '../../../providers/contract/billing.js';
import { estimateBodyTokens } from '../../../providers/media/tokens.js';
import type { OperationClass, ProviderAdapter, RoutedOperation } from '../../../providers/contract/provider-adapter.js';
import { PriceBook } from '../../prices/price-book.js';
import { selectApplicableLimits } from '../definitions/applicable-limits.js';
import { estimateUsage } from './estimate.js';
import type { Limit, LimitedEntity } from '../definitions/limit.js';
import { describeLimitType, type UsedOrEstimated } from '../definitions/limit-types.js';
import {
  isRefused,
  LEASE_MS,
  LimitCounters,
  type RequestedAmount,
  type Reservation,
} from '../counters/limit-counters.js';
import { LimitNotices } from './limit-notices.js';
import { buildLimitRefusal } from './limit-refusal.js';
import type { LimitSet } from '../definitions/limit-set.js';
import { OrganizationLimitsLookup } from '../definitions/organization-limits.lookup.js';

/** Properties of a call that limits need, once its target is known. */
export interface LimitedCall {
  readonly proxy: { readonly id: ProxyId } | null;
  readonly adapter: ProviderAdapter | null;
  readonly operation: RoutedOperation | null;
  readonly billing: Billing;
  /** As sent to the provider. */
  readonly requestedModel: string | null;
  readonly info: RequestInfo;
  /** API family of the client. */
  readonly dialect: Pick<Dialect, 'renderRateLimit'>;
}

/** These are free and count as nothing. */
const UNLIMITED_CLASSES: ReadonlySet<OperationClass> = new Set(['token_counting', 'model_listing']);

const RENEW_MS = LEASE_MS / 3;

@Injectable()
export class UsageLimiter implements OnApplicationShutdown {
  readonly #open = new Set<Reservation>();
  #renewal: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: OrganizationLimitsLookup,
    private readonly counters: LimitCounters,
    private readonly notices: LimitNotices,
    private readonly prices: PriceBook,
    private readonly clock: Clock,
    private readonly logger: AppLogger,
  ) {}

  /**
   * Returns the reservation for the call, to be settled once by `settle`; null: no limit applies. `caller` includes the
   * team chosen for the call; `body`: the body that will be sent. Throws `rate_limited`, `budget_exceeded`,
   * `operation_not_allowed` where an applicable limit cannot count the call, and `temporarily_unavailable`.
   */
  reserve(caller: Caller, call: LimitedCall, body: Uint8Array): null | Promise<Reservation | null> {
    if (UNLIMITED_CLASSES.has(call.operation!.rule.class)) return null;
    const found = this.limits.get(caller.organizationId);
    if (found instanceof Promise) return found.then((limits) => this.#reserveApplicable(limits, caller, call, body));
    return found.isEmpty ? null : this.#reserveApplicable(found, caller, call, body);
  }

  /** `used` null: the call had no effect, and the whole reservation is released. */
  settle(reservation: Reservation, used: UsedOrEstimated | null): void {
    if (!this.#open.delete(reservation)) return;
    const countUnits = ({ limit }: RequestedAmount): number =>
      used === null ? 0 : describeLimitType(limit.limitType).count(used);
    this.counters.settle(reservation, reservation.holds.map(countUnits));
  }

  onApplicationShutdown(): void {
    clearInterval(this.#renewal);
  }

  #reserveApplicable(
    limits: LimitSet,
    caller: Caller,
    call: LimitedCall,
    body: Uint8Array,
  ): null | Promise<Reservation | null> {
    const applicable = selectApplicableLimits(limits, caller, {
      proxyId: call.proxy?.id ?? null,
      provider: call.adapter!.id,
      models: call.requestedModel === null ? [] : [call.requestedModel, ...call.info.otherModels],
      billing: call.billing,
    });
    return applicable.length === 0 ? null : this.#reserveAmounts(applicable, caller, call, body);
  }

  async #reserveAmounts(
    applicable: readonly Limit[],
    caller: Caller,
    call: LimitedCall,
    body: Uint8Array,
  ): Promise<Reservation> {
    if (applicable.some(isPriced)) await this.prices.warm(caller.organizationId);
    const estimate = this.#estimate(applicable, caller, call, body);
    const requested = applicable.map((limit) => ({
      limit,
      amount: describeLimitType(limit.limitType).reserve(estimate),
    }));
    const result = await this.counters.reserve(requested);
    if (isRefused(result)) {
      result.forEach(([fits, used], i) => fits || this.notices.notifyExceeded(requested[i]!.limit, used));
      throw buildLimitRefusal(requested, result, this.clock.now(), call.dialect);
    }
    this.#open.add(result);
    this.#renewal ??= setInterval(() => this.#renewOpen(), RENEW_MS).unref();
    return result;
  }

  #estimate(applicable: readonly Limit[], caller: Caller, call: LimitedCall, body: Uint8Array): UsedOrEstimated {
    const { rule } = call.operation!;
    const metered = applicable.find(({ limitType }) => describeLimitType(limitType).isMetered);
    if (metered && !rule.metered) throw notMeterable(metered);
    const usage = estimateUsage(rule, call.info, estimateBodyTokens(body));
    const priced = applicable.find(isPriced);
    if (!priced) return { usage, costMicroUsd: null };
    const costs = [call.requestedModel ?? '', ...call.info.otherModels].map((model) => {
      const cost = this.prices.computeCost(caller.organizationId, call.adapter!, model, usage);
      // A provider without a price list is the organization's own server: its calls are free.
      if (cost === null && call.adapter!.priceProviderId !== null) throw notPriced(priced, call.adapter!, model);
      return cost ?? 0;
    });
    return { usage, costMicroUsd: Math.max(...costs) };
  }

  #renewOpen(): void {
    if (this.#open.size === 0) {
      clearInterval(this.#renewal);
      this.#renewal = undefined;
    }
    for (const reservation of this.#open) {
      this.counters.renew(reservation).catch((error: unknown) => {
        this.logger.pino.debug({ err: error }, 'what is held of a limit could not be prolonged');
      });
    }
  }
}

const isPriced = ({ limitType }: Limit): boolean => describeLimitType(limitType).isPriced;

const notMeterable = ({ id, limitType, entityType }: Limit): GatewayError =>
  new GatewayError(
    'operation_not_allowed',
    `What calls to this path use cannot be counted, and a limit on ${limitType} applies to this ${formatEntityType(entityType)}. Use another path, or ask your administrator to lift the limit ${id}.`,
  );

const notPriced = ({ id, entityType }: Limit, { id: provider }: ProviderAdapter, model: string): GatewayError =>
  new GatewayError(
    'operation_not_allowed',
    `There is no price for ${provider}:${model.slice(0, 200)}, and a limit on cost (${id}) applies to this ${formatEntityType(entityType)}. Ask your administrator to set a price for the model.`,
  );

const formatEntityType = (entityType: LimitedEntity): string => entityType.replace('_', ' ');
