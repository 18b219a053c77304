/**
 * Places that failed just now, so that calls begin with those that work. Known to this process alone, and forgotten with it:
 * each finds out by itself, at the price of one failure. A place is a model of a provider with one stored key, as one key's
 * quota says nothing of another's. Nothing here refuses a call, and where no place has failed nothing is looked up.
 */
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../platform/clock.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import type { ProviderId } from '../../providers/provider-adapter.js';

export interface Place {
  readonly provider: ProviderId;
  readonly model: string;
  /** Null: not known, or none. Such a place is never held down. */
  readonly providerKeyId: ProviderKeyId | null;
}

interface Held {
  /** Monotonic milliseconds. */
  until: number;
  /** In a row. */
  failures: number;
  /** See `HeldPlaces.mark`. */
  mark: number;
}

/** Some megabytes at the most; a place that is forgotten too early is tried once more. */
const PLACES_KEPT = 10_000;

/** After the first failure, where the provider does not say how long: most are over with the next call. */
const FIRST_MS = 1_000;
/** A place that is back is not left alone for longer than this by what it did before. */
const LONGEST_MS = 30_000;
/** As much of what a provider asks for is believed: quotas by the minute are the rule, and a longer one is told again. */
const LONGEST_ASKED_MS = 60_000;
/** After so long a time without a try what was before says nothing any more. */
const FORGOTTEN_MS = 10 * 60_000;

@Injectable()
export class HeldPlaces {
  readonly #held = new LRUCache<string, Held>({ max: PLACES_KEPT });
  #failures = 0;

  constructor(private readonly clock: Clock) {}

  /** Grows with each failure. Taken at the beginning of an attempt, it tells how old the attempt's news is. */
  get mark(): number {
    return this.#failures;
  }

  /** Whether no place is remembered to have failed. */
  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /** Until when the place is held down, in milliseconds of the monotonic clock; null: it is not. */
  until(place: Place): number | null {
    if (this.isEmpty) return null;
    const name = nameOf(place);
    const held = this.#held.get(name);
    if (!held) return null;
    const now = this.clock.monotonicNow();
    if (now > held.until + FORGOTTEN_MS) this.#held.delete(name);
    return now < held.until ? held.until : null;
  }

  /** In the same order, but those that are held down after those that are not. */
  heldLast<T>(all: readonly T[], placeOf: (each: T) => Place): readonly T[] {
    if (this.isEmpty || all.length < 2) return all;
    const held = new Set(all.filter((each) => this.until(placeOf(each)) !== null));
    return held.size === 0 ? all : [...all.filter((each) => !held.has(each)), ...held];
  }

  /** `mark`: from the attempt's beginning. `askedSeconds`: what the provider wants to be left alone for; null: it does not say. */
  failed(place: Place, mark: number, askedSeconds: number | null): void {
    if (place.providerKeyId === null) return;
    const name = nameOf(place);
    const now = this.clock.monotonicNow();
    const before = this.#held.get(name);
    const known = before && now <= before.until + FORGOTTEN_MS ? before : undefined;
    // Calls that were under way together fail together: that is one failure.
    const failures = known && known.mark > mark ? known.failures : (known?.failures ?? 0) + 1;
    const until = now + waitMs(failures, askedSeconds);
    this.#held.set(name, { until: Math.max(until, known?.until ?? 0), failures, mark: ++this.#failures });
  }

  /** `mark` as for `failed`: an attempt that began before the place failed tells nothing new. */
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
