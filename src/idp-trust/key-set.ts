/**
 * The keys of one provider: fresh when it can be had, stale when it cannot, and never fetched more often than agreed
 * however many tokens ask for whatever keys.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock.js';
import { GatewayError } from '../platform/errors/gateway-error.js';
import { Backoff } from './backoff.js';
import type { FetchedKeySet } from './key-set.fetch.js';
import { KeyRing, type WantedKey } from './key-ring.js';
import type { VerificationKey } from './verification-key.js';

/** A provider that is down for longer than a day has other problems, and a key that it has dropped must end some time. */
const STALE_MS = 24 * 3_600_000;
/** A kept set does not say for how long it was fresh. */
const KEPT_FRESH_MS = 10 * 60_000;
/** Of its freshness, until it is fetched again in the background; processes that started together drift apart. */
const REFRESH_AHEAD_FROM = 0.8;
const REFRESH_AHEAD_SPREAD = 0.1;
/** Between two fetches for keys that are not known, and for which a key that was not found is remembered. */
const UNKNOWN_KEY_MS = 30_000;
const MISSING_KEPT = 1_000;

export interface KeySetHealth {
  /** `fresh`; `stale`: it could not be refreshed, and is used nevertheless; `none`: nothing can be verified. */
  readonly state: 'fresh' | 'stale' | 'none';
  /** Unix milliseconds. */
  readonly fetchedAt: number | null;
  readonly ageSeconds: number | null;
  readonly keyIds: readonly string[];
  readonly lastFailure: { readonly at: number; readonly detail: string } | null;
  readonly failuresInARow: number;
}

/** What the set needs of the world. */
export interface KeySetSources {
  fetch(): Promise<FetchedKeySet>;
  /** What was kept last, by whichever process; null: nothing, or nothing that counts. */
  recall(): Promise<{ keys: readonly VerificationKey[]; fetchedAt: number } | null>;
  keep(keys: readonly VerificationKey[], fetchedAt: number): void;
  failed(error: unknown, health: KeySetHealth): void;
}

/** Safe for concurrent use. */
export class KeySet {
  #ring = new KeyRing([]);
  /** Of the set in use, in monotonic milliseconds, as all instants here: a corrected clock makes no key older or younger. */
  #fetchedAt: number | null = null;
  #freshUntil = 0;
  #refreshAt = 0;
  #attemptedAt = -Infinity;
  /** What the set in use is kept under: Unix milliseconds, by the clock of the process that fetched it. */
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
      max: MISSING_KEPT,
      ttl: UNKNOWN_KEY_MS,
      ttlResolution: 0, // the cache would else keep the time for a real millisecond, whatever the clock says
      perf: { now: () => clock.monotonicNow() },
    });
  }

  /**
   * The key that a token asks for; null: the provider has none such.
   * @throws GatewayError `idp_unreachable` when there are no keys and none can be had
   */
  async find(wanted: WantedKey): Promise<VerificationKey | null> {
    await this.#recalled();
    const now = this.clock.monotonicNow();
    if (!this.#isUsable(now)) await this.#load();
    else if (now >= this.#freshUntil) await this.#refreshStale();
    else if (now >= this.#refreshAt) this.#refreshBehind();
    return this.#ring.pick(wanted) ?? this.#lookAgain(wanted);
  }

  /** Another process may have kept a newer set: it is read before the next key is given out. */
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

  /** Unix milliseconds, by the clock as it goes now. */
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

  /** Once it is known that the provider does not answer, nobody waits for it to go on not answering. */
  async #refreshStale(): Promise<void> {
    if (this.#backoff.failuresInARow > 0) return this.#refreshBehind();
    await this.#refresh().catch(() => undefined);
  }

  #refreshBehind(): void {
    if (this.#backoff.waitMs === 0) void this.#refresh().catch(() => undefined);
  }

  /** A key may be newer than what we know. Tokens can name any key, so this must not depend on how many ask. */
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

  /** One fetch, however many wait for it. */
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
      // Only now: whoever is evicted by it must not be let in again by the old keys.
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
    // What another process has fetched need not be fetched again for a key that is not in it.
    this.#attemptedAt = Math.max(this.#attemptedAt, fetchedAt);
    this.#freshUntil = fetchedAt + freshMs;
    this.#refreshAt = fetchedAt + freshMs * (REFRESH_AHEAD_FROM + REFRESH_AHEAD_SPREAD * this.random());
    this.#missing.clear();
  }

  #recalled(): Promise<void> {
    return (this.#recall ??= this.#readKept());
  }

  async #readKept(): Promise<void> {
    const kept = await this.sources.recall().catch(() => {
      this.#recall = null; // to be asked again: what another process knows of dropped keys must not be missed
      return null;
    });
    if (!kept || kept.fetchedAt === this.#stamp) return;
    if (kept.fetchedAt <= (this.#fetchedOn ?? -Infinity)) return;
    // A stamp of the future comes from a clock that was wrong: the set is from now at the latest.
    const ageMs = Math.max(0, this.clock.now() - kept.fetchedAt);
    this.#adopt(kept.keys, this.clock.monotonicNow() - ageMs, KEPT_FRESH_MS, kept.fetchedAt);
  }

  #unreachable(cause?: unknown): GatewayError {
    return new GatewayError(
      'idp_unreachable',
      'The keys of the identity provider cannot be had right now, so the token cannot be checked. Try again shortly.',
      {
        reason: 'identity_keys_unavailable',
        internal: this.#backoff.lastFailure?.detail,
        retryAfterSeconds: Math.max(1, Math.ceil(this.#backoff.waitMs / 1000)),
        cause,
      },
    );
  }
}
