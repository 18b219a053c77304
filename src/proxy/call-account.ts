/** What a call costs: held of the limits before it is made, settled and written down when it is over. */
import { Injectable } from '@nestjs/common';
import { teamsOf, type Caller } from '../auth/caller.js';
import { ContentKeeper } from '../content/content-keeper.js';
import type { InteractionId } from '../platform/ids.js';
import type { TokenUsage } from '../providers/dialects/dialect.js';
import type { UsedOrEstimated } from '../usage/limits/counted-usage.js';
import { UsageLimiter } from '../usage/limits/usage-limiter.js';
import { PriceBook } from '../usage/price-book.js';
import { plainModelName } from '../providers/model-names.js';
import { UsageRecorder } from '../usage/usage-recorder.js';
import type { Exchange } from './exchange.js';
import { EMPTY_BODY } from './request-body.js';
import { estimatedUsage } from './usage-estimate.js';

@Injectable()
export class CallAccount {
  constructor(
    private readonly limiter: UsageLimiter,
    private readonly recorder: UsageRecorder,
    private readonly contents: ContentKeeper,
    private readonly prices: PriceBook,
  ) {}

  /** Nothing to wait for where no limit applies. `owner`: the caller with its chosen team. Throws as `UsageLimiter.reserve` does. */
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

  /** Before `metered`. */
  warmPrices({ caller }: Exchange): void | Promise<void> {
    return this.prices.warm(caller.organisationId);
  }

  /** Sets what the call used and costs by the reading of its response; the reading of a call that states nothing is an estimate. */
  metered(exchange: Exchange): void {
    let { reading } = exchange;
    if (!reading) return;
    const servedModel = reading.servedModel === null ? null : plainModelName(reading.servedModel);
    // A reading of nothing is one object for all calls: it is not to be written to.
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

  /** The present attempt came to nothing, and the call goes on elsewhere. */
  giveBack(exchange: Exchange): void {
    this.#settle(exchange, null);
  }

  /** The call is over. Once. */
  close(exchange: Exchange): void {
    this.#settle(exchange, usedBy(exchange));
    this.#keepContent(exchange);
    this.recorder.record(exchange.toRecord());
  }

  /** As `close`. Resolves when the record would outlive a crash; rejects when it cannot be made to. */
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

/** Null for a call that came to nothing: the provider did not answer it, or with an error. */
function usedBy({ reading, status, costMicroUsd, billing }: Exchange): UsedOrEstimated | null {
  const usage = reading?.usage ?? null;
  if (usage === null && (status < 200 || status > 299)) return null;
  // The record shows what a covered call would have cost; no budget pays for it.
  return { usage, costMicroUsd: billing === 'subscription' ? 0 : costMicroUsd };
}
