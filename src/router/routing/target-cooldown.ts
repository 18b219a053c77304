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

export interface Place {
  readonly provider: ProviderId;
  readonly model: string;
  /** Null: unknown, or none. Such a target never cools down. */
  readonly providerKeyId: ProviderKeyId | null;
}

interface Held {
  /** End of the cooldown, in monotonic milliseconds. */
  until: number;
  /** Consecutive failures. */
  failures: number;
  /** See `HeldPlaces.mark`. */
  mark: number;
}

/** Some megabytes at most. A target that is forgotten too early is tried once more. */
const PLACES_KEPT = 10_000;

/**
 * Cooldown after the first failure, where the provider does not state one: most failures are over with the next call.
 */
const FIRST_MS = 1_000;
/** Maximum cooldown: a target that has recovered is avoided no longer than this because of earlier failures. */
const LONGEST_MS = 30_000;
/**
 * Maximum of the cooldown that a provider asks for: quotas per minute are the rule, and a provider repeats a longer
 * one.
 */
const LONGEST_ASKED_MS = 60_000;
/** Time without a try after which earlier failures no longer count. */
const FORGOTTEN_MS = 10 * 60_000;

@Injectable()
export class HeldPlaces {
  readonly #held = new LRUCache<string, Held>({ max: PLACES_KEPT });
  #failures = 0;

  constructor(private readonly clock: Clock) {}

  /**
   * Counter that grows with each failure. Read at the beginning of an attempt, it shows which failures are newer than
   * the attempt.
   */
  get mark(): number {
    return this.#failures;
  }

  /** Whether no failed target is remembered. */
  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /**
   * Returns the end of the target's cooldown, in milliseconds of the monotonic clock. Null: the target is not cooling
   * down.
   */
  until(place: Place): number | null {
    if (this.isEmpty) return null;
    const name = nameOf(place);
    const held = this.#held.get(name);
    if (!held) return null;
    const now = this.clock.monotonicNow();
    if (now > held.until + FORGOTTEN_MS) this.#held.delete(name);
    return now < held.until ? held.until : null;
  }

  /** Returns all in the same order, but those that are cooling down after the others. */
  heldLast<T>(all: readonly T[], placeOf: (each: T) => Place): readonly T[] {
    if (this.isEmpty || all.length < 2) return all;
    const held = new Set(all.filter((each) => this.until(placeOf(each)) !== null));
    return held.size === 0 ? all : [...all.filter((each) => !held.has(each)), ...held];
  }

  /**
   * Starts a cooldown. `mark`: from the beginning of the attempt. `askedSeconds`: cooldown that the provider asks for.
   * Null: it states none.
   */
  failed(place: Place, mark: number, askedSeconds: number | null): void {
    if (place.providerKeyId === null) return;
    const name = nameOf(place);
    const now = this.clock.monotonicNow();
    const before = this.#held.get(name);
    const known = before && now <= before.until + FORGOTTEN_MS ? before : undefined;
    // Calls in flight at the same time fail together: they count as one failure.
    const failures = known && known.mark > mark ? known.failures : (known?.failures ?? 0) + 1;
    const until = now + waitMs(failures, askedSeconds);
    this.#held.set(name, { until: Math.max(until, known?.until ?? 0), failures, mark: ++this.#failures });
  }

  /** Ends the cooldown. `mark` as for `failed`: an attempt that began before the failure does not end it. */
  worked(place: Place, mark: number): void {
    if (this.isEmpty) return;
    const name = nameOf(place);
    const held = this.#held.get(name);
    if (held && held.mark <= mark) this.#held.delete(name);
  }
}

const nameOf = ({ provider, model, providerKeyId }: Place): string => `${providerKeyId} ${provider}:${model}`;

function waitMs(failures: number, askedSeconds: number | null): number {
  if (askedSeconds !== null && askedSeconds > 0) return Math.min(askedSeconds * 1000, LONGEST_ASKED_MS);
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
}
