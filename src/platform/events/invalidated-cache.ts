/**
 * A cache that auth events invalidate. It serves the hot path: known values are returned synchronously. Unknown values
 * are loaded once for all waiting callers, and are never cached if an event touched them meanwhile.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../time/clock.js';
import { isDatabaseUnavailable } from '../errors/gateway-error.js';
import type { AuthEvents } from './auth-events.js';

/** A loaded value and the tags of the events that invalidate it. */
export interface Tagged<V> {
  value: V;
  tags: readonly string[];
}

export interface InvalidatedCacheOptions {
  /** Maximum number of entries; the least recently used are dropped first. */
  max: number;
  /** Seconds for which an entry may be served while the database (and so the bus) is unavailable. 0: not at all. */
  staleSeconds: number;
  /** Whether a loader's error is a result to remember for a few seconds, rather than an outage. */
  isRefusal?: (error: unknown) => boolean;
}

interface Entry<V> extends Tagged<V> {
  /** Monotonic milliseconds. */
  loadedAt: number;
  isRefreshing: boolean;
}

// Events evict immediately. This maximum age covers changes without an event, and limits the damage of a lost one.
const TTL_MS = 30_000;
const REFRESH_AT_MS = 24_000;
const REFUSAL_TTL_MS = 5_000;
const REFUSAL_CACHE_SIZE = 10_000;
// An event may touch a value while it is being loaded. More than a few times in a row mean a storm of events: then the
// newest value is returned without being cached.
const MAX_LOAD_ROUNDS = 3;

export class InvalidatedCache<V extends object> {
  readonly #entries: LRUCache<string, Entry<V>>;
  readonly #keysByTag = new Map<string, Set<string>>();
  readonly #loads = new Map<string, Promise<V>>();
  readonly #refusals: LRUCache<string, { error: unknown }>;

  constructor(
    private readonly events: AuthEvents,
    private readonly clock: Clock,
    private readonly options: InvalidatedCacheOptions,
  ) {
    this.#entries = new LRUCache({ max: options.max, dispose: (entry, key) => this.#unindex(key, entry.tags) });
    this.#refusals = new LRUCache({
      max: REFUSAL_CACHE_SIZE,
      ttl: REFUSAL_TTL_MS,
      ttlResolution: 0, // otherwise the cache would keep one reading of the clock for a real millisecond
      perf: { now: () => clock.monotonicNow() },
    });
    events.subscribe((event) => this.#evict(event.tag));
    events.onResync(() => this.clear());
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Returns the value if it is known and reliable, without any I/O. Calls `load` in the background when the value ages.
   */
  peek(key: string, load: () => Promise<Tagged<V>>): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || !this.events.isTrusted) return undefined;
    const age = this.clock.monotonicNow() - entry.loadedAt;
    if (age < REFRESH_AT_MS) return entry.value;
    if (age >= TTL_MS) return undefined;
    if (!entry.isRefreshing) {
      entry.isRefreshing = true;
      this.#load(key, load).catch(() => (entry.isRefreshing = false));
    }
    return entry.value;
  }

  /** Returns the value, loading it if it is unknown. A loader's error goes to every caller that waited for it. */
  async get(key: string, load: () => Promise<Tagged<V>>): Promise<V> {
    const cached = this.peek(key, load);
    if (cached !== undefined) return cached;
    const refusal = this.events.isTrusted ? this.#refusals.get(key) : undefined;
    if (refusal) throw refusal.error;
    return this.#loadOrStale(key, load);
  }

  clear(): void {
    this.#entries.clear();
    this.#keysByTag.clear();
    this.#refusals.clear();
  }

  /**
   * Loads a value that is too old, or unreliable without the bus, from the database each time. During an outage an old
   * value is returned only if configured. That takes no time once the database is known to be unavailable, because
   * loads then fail immediately.
   */
  async #loadOrStale(key: string, load: () => Promise<Tagged<V>>): Promise<V> {
    try {
      return await this.#load(key, load);
    } catch (error) {
      const entry = this.#entries.get(key);
      const isRefused = this.options.isRefusal?.(error) ?? false;
      const isOutage = !isRefused && (!this.events.isTrusted || isDatabaseUnavailable(error));
      if (entry && isOutage && this.events.silentMs < this.options.staleSeconds * 1000) return entry.value;
      throw error;
    }
  }

  #load(key: string, load: () => Promise<Tagged<V>>): Promise<V> {
    const inFlight = this.#loads.get(key);
    if (inFlight) return inFlight;
    const loading = this.#loadConsistent(key, load).finally(() => this.#loads.delete(key));
    this.#loads.set(key, loading);
    return loading;
  }

  async #loadConsistent(key: string, load: () => Promise<Tagged<V>>): Promise<V> {
    for (let round = 1; ; round++) {
      const position = this.events.position;
      try {
        const loaded = await load();
        if (!this.events.hasChangedSince(position, loaded.tags)) {
          this.#insert(key, loaded);
          return loaded.value;
        }
        if (round === MAX_LOAD_ROUNDS) return loaded.value;
      } catch (error) {
        const isRefused = this.options.isRefusal?.(error) ?? false;
        // A refused refresh drops the known value; an outage keeps it until its maximum age.
        if (isRefused) this.#entries.delete(key);
        if (isRefused && this.events.position === position) this.#refusals.set(key, { error });
        throw error;
      }
    }
  }

  #insert(key: string, loaded: Tagged<V>): void {
    this.#entries.set(key, { ...loaded, loadedAt: this.clock.monotonicNow(), isRefreshing: false });
    for (const tag of loaded.tags) {
      const keys = this.#keysByTag.get(tag);
      if (keys) keys.add(key);
      else this.#keysByTag.set(tag, new Set([key]));
    }
  }

  #evict(tag: string): void {
    // A refused key may be allowed now; events are rare enough to drop all refusals.
    this.#refusals.clear();
    for (const key of [...(this.#keysByTag.get(tag) ?? [])]) this.#entries.delete(key);
  }

  #unindex(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keysByTag.get(tag);
      if (keys?.delete(key) && keys.size === 0) this.#keysByTag.delete(tag);
    }
  }
}
