/** Accounts for a call: reserves its limits before it is sent, and settles and records its cost when it is over. */
import { Injectable } from '@nestjs/common';
import { teamsOf, type Caller } from '../../auth/callers/caller.js';
import { ContentKeeper } from '../../content/capture/content-writer.js';
import type { InteractionId } from '../../platform/ids.js';
import type { TokenUsage } from '../../providers/dialects/base/dialect.js';
import type { UsedOrEstimated } from '../../usage/limits/enforcement/usage-units.js';
import { UsageLimiter } from '../../usage/limits/enforcement/usage-limiter.js';
import { PriceBook } from '../../usage/prices/price-book.js';
import { plainModelName } from '../../providers/dialects/gemini/model-names.js';
import { UsageRecorder } from '../../usage/recording/usage-recorder.js';
import type { Exchange } from '../call/llm-call.js';
import { EMPTY_BODY } from '../request/body.js';
import { estimatedUsage } from './usage-estimate.js';

@Injectable()
export class CallAccount {
  constructor(
    private readonly limiter: UsageLimiter,
    private readonly recorder: UsageRecorder,
    private readonly contents: ContentKeeper,
    private readonly prices: PriceBook,
  ) {}

  /**
   * Reserves the limits of a call. Returns no promise if no limit applies. `owner`: the caller with its chosen team.
   * Throws as `UsageLimiter.reserve` does.
   */
  reserve(exchange: Exchange, owner: Caller, body: Buffer | null): void | Promise<void> {
    if (owner !== exchange.caller) exchange.teamIds = teamsOf(owner);
    const reserved = this.limiter.reserve(owner, exchange, body ?? EMPTY_BODY);
    if (reserved === null) return;
    const startedMs = performance.now();
    return reserved.then((reservation) => {
      exchange.reservation = reservation;
      exchange.limitMs += performance.now() - startedMs;
    });
  }

  /** Loads the prices. Must be called before `metered`. */
  warmPrices({ caller }: Exchange): void | Promise<void> {
    return this.prices.warm(caller.organisationId);
  }

  /**
   * Sets the usage and the cost of the call from the reading of its response. If the reading states no usage, an
   * estimate replaces it.
   */
  metered(exchange: Exchange): void {
    let { reading } = exchange;
    if (!reading) return;
    const servedModel = reading.servedModel === null ? null : plainModelName(reading.servedModel);
    // All calls share one empty reading object, which must not be written to.
    if (servedModel !== reading.servedModel) exchange.reading = reading = { ...reading, servedModel };
    if (reading.errorInBody !== null && exchange.outcome === 'success') exchange.outcome = 'upstream_error';
    const estimate = reading.usage ? null : estimatedUsage(exchange, reading.outputChars);
    if (estimate) {
      exchange.reading = reading = { ...reading, usage: estimate };
      exchange.estimated = true;
    }
    const model = servedModel ?? exchange.requestedModel;
    if (reading.usage && model) this.#rate(exchange, model, reading.usage);
  }

  #rate(exchange: Exchange, model: string, usage: TokenUsage): void {
    const rated = this.prices.rate(exchange.caller.organisationId, exchange.adapter!, model, usage);
    exchange.costMicroUsd = rated?.costMicroUsd ?? null;
    exchange.priceVersion = rated?.priceVersion ?? null;
  }

  /** Releases the reservation of a failed attempt, before the call continues at another target. */
  giveBack(exchange: Exchange): void {
    this.#settle(exchange, null);
  }

  /** Settles the limits, keeps the content and records the call when it is over. Called once. */
  close(exchange: Exchange): void {
    this.#settle(exchange, usedBy(exchange));
    this.#keepContent(exchange);
    this.recorder.record(exchange.toRecord());
  }

  /** As `close`. Resolves when the record would survive a crash; rejects when it cannot be stored so. */
  closeDurably(exchange: Exchange): Promise<void> {
    this.#settle(exchange, usedBy(exchange));
    this.#keepContent(exchange);
    return this.recorder.recordDurably(exchange.toRecord());
  }

  #keepContent({ capture, requestId, caller, createdAt, dialect, operation }: Exchange): void {
    if (capture === null || operation?.rule.class !== 'inference') return;
    const interactionId = requestId as InteractionId;
    this.contents.keep({
      interactionId,
      organisationId: caller.organisationId,
      createdAt,
      dialect: dialect.id,
      capture,
    });
  }

  #settle(exchange: Exchange, used: UsedOrEstimated | null): void {
    if (exchange.reservation) this.limiter.settle(exchange.reservation, used);
    exchange.reservation = null;
  }
}

/** Returns the usage to settle; null for a call that the provider did not answer or answered with an error. */
function usedBy({ reading, status, costMicroUsd, billing }: Exchange): UsedOrEstimated | null {
  const usage = reading?.usage ?? null;
  if (usage === null && (status < 200 || status > 299)) return null;
  // The record shows what a call under a subscription would have cost; it is not charged to any budget.
  return { usage, costMicroUsd: billing === 'subscription' ? 0 : costMicroUsd };
}
