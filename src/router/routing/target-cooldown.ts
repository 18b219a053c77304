/**
 * Cooldown of targets that failed just now, so that calls begin with those that work. State is per process, not shared
 * and not persisted: every process learns of an outage from its own first failure. A target is a model of a provider
 * with one stored key, as the quota of one key says nothing about another's. The cooldown never refuses a call. Where
 * no target has failed, nothing is looked up.
 */
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../platform/time/clock.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { ProviderId } from '../../providers/contract/provider-adapter.js';

export interface CooldownKey {
  readonly provider: ProviderId;
  readonly model: string;
  /** Null: unknown, or none. Such a target never cools down. */
  readonly providerKeyId: ProviderKeyId | null;
}

interface Cooldown {
  /** End of the cooldown, in monotonic milliseconds. */
  endsAt: number;
  /** Consecutive failures. */
  failures: number;
  /** See `TargetCooldown.mark`. */
  failureCount: number;
}

/** Some megabytes at most. A target that is forgotten too early is tried once more. */
const COOLDOWN_CACHE_SIZE = 10_000;

/**
 * Cooldown after the first failure, where the provider does not state one: most failures are over with the next call.
 */
const FIRST_COOLDOWN_MS = 1_000;
/** Maximum cooldown: a target that has recovered is avoided no longer than this because of earlier failures. */
const MAX_COOLDOWN_MS = 30_000;
/**
 * Maximum of the cooldown that a provider asks for: quotas per minute are the rule, and a provider repeats a longer
 * one.
 */
const MAX_REQUESTED_MS = 60_000;
/** Time without a try after which earlier failures no longer count. */
const FORGET_AFTER_MS = 10 * 60_000;

@Injectable()
export class TargetCooldown {
  readonly #cooldowns = new LRUCache<string, Cooldown>({ max: COOLDOWN_CACHE_SIZE });
  #failureCount = 0;

  constructor(private readonly clock: Clock) {}

  /**
   * Counter that grows with each failure. Read at the beginning of an attempt, it shows which failures are newer than
   * the attempt.
   */
  get failureCount(): number {
    return this.#failureCount;
  }

  /** Whether no failed target is remembered. */
  get isEmpty(): boolean {
    return this.#cooldowns.size === 0;
  }

  /**
   * Returns the end of the target's cooldown, in milliseconds of the monotonic clock. Null: the target is not cooling
   * down.
   */
  getCooldownEnd(target: CooldownKey): number | null {
    if (this.isEmpty) return null;
    const key = toCacheKey(target);
    const cooldown = this.#cooldowns.get(key);
    if (!cooldown) return null;
    const now = this.clock.monotonicNow();
    if (now > cooldown.endsAt + FORGET_AFTER_MS) this.#cooldowns.delete(key);
    return now < cooldown.endsAt ? cooldown.endsAt : null;
  }

  /** Returns all in the same order, but those that are cooling down after the others. */
  orderCoolingLast<T>(all: readonly T[], toKey: (each: T) => CooldownKey): readonly T[] {
    if (this.isEmpty || all.length < 2) return all;
    const cooling = new Set(all.filter((each) => this.getCooldownEnd(toKey(each)) !== null));
    return cooling.size === 0 ? all : [...all.filter((each) => !cooling.has(each)), ...cooling];
  }

  /**
   * Starts a cooldown. `mark`: from the beginning of the attempt. `requestedSeconds`: cooldown that the provider asks for.
   * Null: it states none.
   */
  recordFailure(target: CooldownKey, failureCount: number, requestedSeconds: number | null): void {
    if (target.providerKeyId === null) return;
    const key = toCacheKey(target);
    const now = this.clock.monotonicNow();
    const previous = this.#cooldowns.get(key);
    const recent = previous && now <= previous.endsAt + FORGET_AFTER_MS ? previous : undefined;
    // Calls in flight at the same time fail together: they count as one failure.
    const failures = recent && recent.failureCount > failureCount ? recent.failures : (recent?.failures ?? 0) + 1;
    const endsAt = now + getCooldownMs(failures, requestedSeconds);
    this.#cooldowns.set(key, {
      endsAt: Math.max(endsAt, recent?.endsAt ?? 0),
      failures,
      failureCount: ++this.#failureCount,
    });
  }

  /** Ends the cooldown. `mark` as for `failed`: an attempt that began before the failure does not end it. */
  recordSuccess(target: CooldownKey, failureCount: number): void {
    if (this.isEmpty) return;
    const key = toCacheKey(target);
    const cooldown = this.#cooldowns.get(key);
    if (cooldown && cooldown.failureCount <= failureCount) this.#cooldowns.delete(key);
  }
}

const toCacheKey = ({ provider, model, providerKeyId }: CooldownKey): string => `${providerKeyId} ${provider}:${model}`;

function getCooldownMs(failures: number, requestedSeconds: number | null): number {
  if (requestedSeconds !== null && requestedSeconds > 0) return Math.min(requestedSeconds * 1000, MAX_REQUESTED_MS);
  return Math.min(FIRST_COOLDOWN_MS * 2 ** (failures - 1), MAX_COOLDOWN_MS);
}
