/** Accounts for a call: reserves its limits before it is sent, and settles and records its cost when it is over. */
import { Injectable } from '@nestjs/common';
import { getTeamIds, type Caller } from '../../auth/callers/caller.js';
import { ContentWriter } from '../../content/capture/content-writer.js';
import type { InteractionId } from '../../platform/ids.js';
import type { TokenUsage } from '../../providers/dialects/base/dialect.js';
import type { UsedOrEstimated } from '../../usage/limits/definitions/limit-types.js';
import { UsageLimiter } from '../../usage/limits/enforcement/usage-limiter.js';
import { PriceBook } from '../../usage/prices/price-book.js';
import { removeModelPrefix } from '../../providers/dialects/gemini/model-names.js';
import { UsageRecorder } from '../../usage/recording/usage-recorder.js';
import type { LlmCall } from '../call/llm-call.js';
import { EMPTY_BODY } from '../request/body.js';
import { estimateUsage } from './usage-estimate.js';

@Injectable()
export class CallAccounting {
  constructor(
    private readonly limiter: UsageLimiter,
    private readonly recorder: UsageRecorder,
    private readonly contents: ContentWriter,
    private readonly prices: PriceBook,
  ) {}

  /**
   * Reserves the limits of a call. Returns no promise if no limit applies. `owner`: the caller with its chosen team.
   * Throws as `UsageLimiter.reserve` does.
   */
  reserve(call: LlmCall, owner: Caller, body: Buffer | null): void | Promise<void> {
    if (owner !== call.caller) call.teamIds = getTeamIds(owner);
    const reserved = this.limiter.reserve(owner, call, body ?? EMPTY_BODY);
    if (reserved === null) return;
    const startedAtMs = performance.now();
    return reserved.then((reservation) => {
      call.reservation = reservation;
      call.limitMs += performance.now() - startedAtMs;
    });
  }

  /** Loads the prices. Must be called before `priceUsage`. */
  loadPrices({ caller }: LlmCall): void | Promise<void> {
    return this.prices.warm(caller.organizationId);
  }

  /**
   * Sets the usage and the cost of the call from the reading of its response. If the reading states no usage, an
   * estimate replaces it.
   */
  priceUsage(call: LlmCall): void {
    let { reading } = call;
    if (!reading) return;
    const servedModel = reading.servedModel === null ? null : removeModelPrefix(reading.servedModel);
    // All calls share one empty reading object, which must not be written to.
    if (servedModel !== reading.servedModel) call.reading = reading = { ...reading, servedModel };
    if (reading.errorInBody !== null && call.outcome === 'success') call.outcome = 'upstream_error';
    const estimate = reading.usage ? null : estimateUsage(call, reading.outputChars);
    if (estimate) {
      call.reading = reading = { ...reading, usage: estimate };
      call.estimated = true;
    }
    const model = servedModel ?? call.requestedModel;
    if (reading.usage && model) this.#price(call, model, reading.usage);
  }

  #price(call: LlmCall, model: string, usage: TokenUsage): void {
    const priced = this.prices.priceUsage(call.caller.organizationId, call.adapter!, model, usage);
    call.costMicroUsd = priced?.costMicroUsd ?? null;
    call.priceVersion = priced?.priceVersion ?? null;
  }

  /** Releases the reservation of a failed attempt, before the call continues at another target. */
  releaseReservation(call: LlmCall): void {
    this.#settle(call, null);
  }

  /** Settles the limits, keeps the content and records the call when it is over. Called once. */
  close(call: LlmCall): void {
    this.#settle(call, toSettledUsage(call));
    this.#storeContent(call);
    this.recorder.record(call.toRecord());
  }

  /** As `close`. Resolves when the record would survive a crash; rejects when it cannot be stored so. */
  closeDurably(call: LlmCall): Promise<void> {
    this.#settle(call, toSettledUsage(call));
    this.#storeContent(call);
    return this.recorder.recordDurably(call.toRecord());
  }

  #storeContent({ capture, requestId, caller, createdAt, dialect, operation }: LlmCall): void {
    if (capture === null || operation?.rule.class !== 'inference') return;
    const interactionId = requestId as InteractionId;
    this.contents.add({
      interactionId,
      organizationId: caller.organizationId,
      createdAt,
      dialect,
      capture,
    });
  }

  #settle(call: LlmCall, used: UsedOrEstimated | null): void {
    if (call.reservation) this.limiter.settle(call.reservation, used);
    call.reservation = null;
  }
}

/** Returns the usage to settle; null for a call that the provider did not answer or answered with an error. */
function toSettledUsage({ reading, status, costMicroUsd, billing }: LlmCall): UsedOrEstimated | null {
  const usage = reading?.usage ?? null;
  if (usage === null && (status < 200 || status > 299)) return null;
  // The record shows what a call under a subscription would have cost; it is not charged to any budget.
  return { usage, costMicroUsd: billing === 'subscription' ? 0 : costMicroUsd };
}
