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
  save(keys: readonly VerificationKey[], fetchedAt: number): void;
  reportFailure(error: unknown, health: KeySetHealth): void;
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
  #storedAt: number | null = null;
  #pendingFetch: Promise<void> | null = null;
  #pendingRecall: Promise<void> | null = null;
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
    await this.#ensureRecalled();
    const now = this.clock.monotonicNow();
    if (!this.#isUsable(now)) await this.#load();
    else if (now >= this.#freshUntil) await this.#refreshStale();
    else if (now >= this.#refreshAt) this.#refreshBehind();
    return this.#ring.pick(wanted) ?? this.#findAfterRefresh(wanted);
  }

  /** Another process may have stored a newer set: it is read before the next key is returned. */
  suspect(): void {
    this.#pendingRecall = null;
  }

  async getHealth(): Promise<KeySetHealth> {
    await this.#ensureRecalled();
    return this.#computeHealth();
  }

  #computeHealth(): KeySetHealth {
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
    if (this.#pendingFetch === null && this.#backoff.waitMs > 0) throw this.#unreachable();
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
  async #findAfterRefresh(wanted: WantedKey): Promise<VerificationKey | null> {
    const { kid } = wanted;
    if (kid === null || this.#ring.has(kid) || this.#missing.has(kid)) return null;
    const mayFetch = this.clock.monotonicNow() - this.#attemptedAt >= UNKNOWN_KEY_MS && this.#backoff.waitMs === 0;
    if (this.#pendingFetch === null && !mayFetch) return null;
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
    this.#pendingFetch ??= this.#fetch().finally(() => (this.#pendingFetch = null));
    return this.#pendingFetch;
  }

  async #fetch(): Promise<void> {
    const startedAt = this.clock.monotonicNow();
    const storedAt = this.clock.now();
    this.#attemptedAt = startedAt;
    try {
      const { keys, freshMs } = await this.sources.fetch();
      this.#adopt(keys, startedAt, freshMs, storedAt);
      this.#backoff.recordSuccess();
      // Only now: a caller evicted by this must not be admitted again by the old keys.
      this.sources.save(keys, storedAt);
    } catch (error) {
      this.#backoff.recordFailure(error);
      this.sources.reportFailure(error, this.#computeHealth());
      throw error;
    }
  }

  #adopt(keys: readonly VerificationKey[], fetchedAt: number, freshMs: number, storedAt: number): void {
    this.#ring = new KeyRing(keys);
    this.#fetchedAt = fetchedAt;
    this.#storedAt = storedAt;
    // A set that another process fetched need not be fetched again for a key that it lacks.
    this.#attemptedAt = Math.max(this.#attemptedAt, fetchedAt);
    this.#freshUntil = fetchedAt + freshMs;
    this.#refreshAt = fetchedAt + freshMs * (REFRESH_AHEAD_FROM + REFRESH_AHEAD_SPREAD * this.random());
    this.#missing.clear();
  }

  #ensureRecalled(): Promise<void> {
    return (this.#pendingRecall ??= this.#readStored());
  }

  async #readStored(): Promise<void> {
    const stored = await this.sources.recall().catch(() => {
      this.#pendingRecall = null; // to be retried: keys that another process knows to be dropped must not be missed
      return null;
    });
    if (!stored || stored.fetchedAt === this.#storedAt) return;
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
