/**
 * The keys of one provider: fresh if available, otherwise stale. The fetch rate is bounded, independently of the number
 * of tokens and of the keys that they request.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/time/clock.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { Backoff } from './backoff.js';
import type { FetchedKeySet } from './fetch-key-set.js';
import { KeyRing, type WantedKey } from './key-ring.js';
import type { VerificationKey } from './verification-key.js';

/**
 * An outage longer than a day has other consequences anyway, and a key that the provider dropped must expire
 * eventually.
 */
const STALE_MS = 24 * 3_600_000;
/** A stored set does not record how long it was fresh. */
const STORED_FRESH_MS = 10 * 60_000;
/**
 * Share of its freshness after which it is refreshed in the background; random, so processes started together drift
 * apart.
 */
const REFRESH_AHEAD_FROM = 0.8;
const REFRESH_AHEAD_SPREAD = 0.1;
/** Minimum time between two fetches for unknown keys, and how long a key that was not found is remembered. */
const UNKNOWN_KEY_MS = 30_000;
const MISSING_KEY_CACHE_SIZE = 1_000;

export interface KeySetHealth {
  /** `fresh`; `stale`: a refresh failed and the old keys remain in use; `none`: no token can be verified. */
  readonly state: 'fresh' | 'stale' | 'none';
  /** Unix milliseconds. */
  readonly fetchedAt: number | null;
  readonly ageSeconds: number | null;
  readonly keyIds: readonly string[];
  readonly lastFailure: { readonly at: number; readonly detail: string } | null;
  readonly failuresInARow: number;
}

/** External dependencies of the set. */
export interface KeySetSources {
  fetch(): Promise<FetchedKeySet>;
  /** Returns the last stored set, of any process; null: none, or none that is valid. */
  recall(): Promise<{ keys: readonly VerificationKey[]; fetchedAt: number } | null>;
  keep(keys: readonly VerificationKey[], fetchedAt: number): void;
  failed(error: unknown, health: KeySetHealth): void;
}

/** Safe for concurrent use. */
export class KeySet {
  #ring = new KeyRing([]);
  /**
   * Time of the set in use, in monotonic milliseconds like all instants here: a clock correction does not change a
   * key's age.
   */
  #fetchedAt: number | null = null;
  #freshUntil = 0;
  #refreshAt = 0;
  #attemptedAt = -Infinity;
  /** Time under which the set in use is stored: Unix milliseconds, by the clock of the process that fetched it. */
  #stamp: number | null = null;
  #flight: Promise<void> | null = null;
  #recall: Promise<void> | null = null;
  readonly #missing: LRUCache<string, true>;
  readonly #backoff: Backoff;

  constructor(
    private readonly sources: KeySetSources,
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {
    this.#backoff = new Backoff(clock, random);
    this.#missing = new LRUCache({
      max: MISSING_KEY_CACHE_SIZE,
      ttl: UNKNOWN_KEY_MS,
      ttlResolution: 0, // otherwise the cache would reuse the time for a real millisecond, independently of the clock
      perf: { now: () => clock.monotonicNow() },
    });
  }

  /**
   * Returns the key that a token requests; null: the provider does not have it.
   * @throws GatewayError `idp_unreachable` when no keys are present and none can be fetched
   */
  async find(wanted: WantedKey): Promise<VerificationKey | null> {
    await this.#recalled();
    const now = this.clock.monotonicNow();
    if (!this.#isUsable(now)) await this.#load();
    else if (now >= this.#freshUntil) await this.#refreshStale();
    else if (now >= this.#refreshAt) this.#refreshBehind();
    return this.#ring.pick(wanted) ?? this.#lookAgain(wanted);
  }

  /** Another process may have stored a newer set: it is read before the next key is returned. */
  suspect(): void {
    this.#recall = null;
  }

  async health(): Promise<KeySetHealth> {
    await this.#recalled();
    return this.#health();
  }

  #health(): KeySetHealth {
    const now = this.clock.monotonicNow();
    const usable = this.#isUsable(now);
    return {
      state: usable ? (now < this.#freshUntil ? 'fresh' : 'stale') : 'none',
      fetchedAt: this.#fetchedOn,
      ageSeconds: this.#fetchedAt === null ? null : Math.floor((now - this.#fetchedAt) / 1000),
      keyIds: usable ? this.#ring.ids : [],
      lastFailure: this.#backoff.lastFailure,
      failuresInARow: this.#backoff.failuresInARow,
    };
  }

  /** Unix milliseconds, by the present wall clock. */
  get #fetchedOn(): number | null {
    if (this.#fetchedAt === null) return null;
    return Math.round(this.clock.now() - (this.clock.monotonicNow() - this.#fetchedAt));
  }

  #isUsable(now: number): boolean {
    return this.#fetchedAt !== null && now - this.#fetchedAt < STALE_MS;
  }

  async #load(): Promise<void> {
    if (this.#flight === null && this.#backoff.waitMs > 0) throw this.#unreachable();
    await this.#refresh().catch((error: unknown) => {
      throw this.#unreachable(error);
    });
  }

  /** Once the provider is known to be down, callers no longer wait for its timeout. */
  async #refreshStale(): Promise<void> {
    if (this.#backoff.failuresInARow > 0) return this.#refreshBehind();
    await this.#refresh().catch(() => undefined);
  }

  #refreshBehind(): void {
    if (this.#backoff.waitMs === 0) void this.#refresh().catch(() => undefined);
  }

  /**
   * A key may be newer than the set. Tokens can name any key, so the fetch rate must not depend on the number of
   * requests.
   */
  async #lookAgain(wanted: WantedKey): Promise<VerificationKey | null> {
    const { kid } = wanted;
    if (kid === null || this.#ring.has(kid) || this.#missing.has(kid)) return null;
    const mayFetch = this.clock.monotonicNow() - this.#attemptedAt >= UNKNOWN_KEY_MS && this.#backoff.waitMs === 0;
    if (this.#flight === null && !mayFetch) return null;
    const isFetched = await this.#refresh().then(
      () => true,
      () => false,
    );
    const found = this.#ring.pick(wanted);
    if (isFetched && found === null) this.#missing.set(kid, true);
    return found;
  }

  /** Shares one fetch between all waiting callers. */
  #refresh(): Promise<void> {
    this.#flight ??= this.#fetch().finally(() => (this.#flight = null));
    return this.#flight;
  }

  async #fetch(): Promise<void> {
    const startedAt = this.clock.monotonicNow();
    const stamp = this.clock.now();
    this.#attemptedAt = startedAt;
    try {
      const { keys, freshMs } = await this.sources.fetch();
      this.#adopt(keys, startedAt, freshMs, stamp);
      this.#backoff.succeeded();
      // Only now: a caller evicted by this must not be admitted again by the old keys.
      this.sources.keep(keys, stamp);
    } catch (error) {
      this.#backoff.failed(error);
      this.sources.failed(error, this.#health());
      throw error;
    }
  }

  #adopt(keys: readonly VerificationKey[], fetchedAt: number, freshMs: number, stamp: number): void {
    this.#ring = new KeyRing(keys);
    this.#fetchedAt = fetchedAt;
    this.#stamp = stamp;
    // A set that another process fetched need not be fetched again for a key that it lacks.
    this.#attemptedAt = Math.max(this.#attemptedAt, fetchedAt);
    this.#freshUntil = fetchedAt + freshMs;
    this.#refreshAt = fetchedAt + freshMs * (REFRESH_AHEAD_FROM + REFRESH_AHEAD_SPREAD * this.random());
    this.#missing.clear();
  }

  #recalled(): Promise<void> {
    return (this.#recall ??= this.#readStored());
  }

  async #readStored(): Promise<void> {
    const stored = await this.sources.recall().catch(() => {
      this.#recall = null; // to be retried: keys that another process knows to be dropped must not be missed
      return null;
    });
    if (!stored || stored.fetchedAt === this.#stamp) return;
    if (stored.fetchedAt <= (this.#fetchedOn ?? -Infinity)) return;
    // A timestamp in the future comes from a wrong clock: the set is treated as fetched now at the latest.
    const ageMs = Math.max(0, this.clock.now() - stored.fetchedAt);
    this.#adopt(stored.keys, this.clock.monotonicNow() - ageMs, STORED_FRESH_MS, stored.fetchedAt);
  }

  #unreachable(cause?: unknown): GatewayError {
    return new GatewayError(
      'idp_unreachable',
      'The keys of the identity provider cannot be fetched right now, so the token cannot be checked. Try again shortly.',
      {
        reason: 'identity_keys_unavailable',
        internal: this.#backoff.lastFailure?.detail,
        retryAfterSeconds: Math.max(1, Math.ceil(this.#backoff.waitMs / 1000)),
        cause,
      },
    );
  }
}
