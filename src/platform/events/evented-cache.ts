/**
 * A cache that auth events empty. It serves the hot path: what is known is answered synchronously; what is not is
 * loaded once however many callers wait, and never cached if an event touched it meanwhile.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import { isDatabaseUnavailable } from '../errors/gateway-error.js';
import type { AuthEvents } from './auth-events.js';

/** A loaded value and the tags of the events that make it untrue. */
export interface Tagged<V> {
  value: V;
  tags: readonly string[];
}

export interface EventedCacheOptions {
  /** Entries kept; the least recently used go first. */
  max: number;
  /** Seconds for which an entry may be answered while the database (and so the bus) is away. 0: not at all. */
  staleSeconds: number;
  /** Whether a loader's error is an answer to remember for a few seconds, rather than an outage. */
  isRefusal?: (error: unknown) => boolean;
}

interface Entry<V> extends Tagged<V> {
  /** Monotonic milliseconds. */
  loadedAt: number;
  refreshing: boolean;
}

// Events evict at once; this bound is for what no event tells, and caps the damage of a lost one.
const LIFE_MS = 30_000;
const REFRESH_AT_MS = 24_000;
const REFUSAL_LIFE_MS = 5_000;
const REFUSALS_KEPT = 10_000;
// An event may touch a value while it is being loaded; more than a few times in a row means a storm, and then the
// freshest read is answered without being kept.
const LOAD_ROUNDS = 3;

export class EventedCache<V extends object> {
  readonly #entries: LRUCache<string, Entry<V>>;
  readonly #keysByTag = new Map<string, Set<string>>();
  readonly #flights = new Map<string, Promise<V>>();
  readonly #refusals: LRUCache<string, { error: unknown }>;

  constructor(
    private readonly events: AuthEvents,
    private readonly clock: Clock,
    private readonly options: EventedCacheOptions,
  ) {
    this.#entries = new LRUCache({ max: options.max, dispose: (entry, key) => this.#unindex(key, entry.tags) });
    this.#refusals = new LRUCache({
      max: REFUSALS_KEPT,
      ttl: REFUSAL_LIFE_MS,
      ttlResolution: 0, // the cache would else keep the time for a real millisecond, whatever the clock says
      perf: { now: () => clock.monotonicNow() },
    });
    events.subscribe((event) => this.#evict(event.tag));
    events.onResync(() => this.clear());
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value if it is known and may be relied on, without any I/O; `load` is called in the background when it ages. */
  peek(key: string, load: () => Promise<Tagged<V>>): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || !this.events.isTrusted) return undefined;
    const age = this.clock.monotonicNow() - entry.loadedAt;
    if (age < REFRESH_AT_MS) return entry.value;
    if (age >= LIFE_MS) return undefined;
    if (!entry.refreshing) {
      entry.refreshing = true;
      this.#load(key, load).catch(() => (entry.refreshing = false));
    }
    return entry.value;
  }

  /** The value, loaded when it is not known. A loader's error goes to every caller that waited for it. */
  async get(key: string, load: () => Promise<Tagged<V>>): Promise<V> {
    const known = this.peek(key, load);
    if (known !== undefined) return known;
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
   * What is too old, or cannot be trusted without the bus, is asked of the database each time; an outage is answered from
   * memory only if configured. It takes no time once the database is known to be unavailable, which fails at once.
   */
  async #loadOrStale(key: string, load: () => Promise<Tagged<V>>): Promise<V> {
    try {
      return await this.#load(key, load);
    } catch (error) {
      const entry = this.#entries.get(key);
      const refused = this.options.isRefusal?.(error) ?? false;
      const isAway = !refused && (!this.events.isTrusted || isDatabaseUnavailable(error));
      if (entry && isAway && this.events.silentMs < this.options.staleSeconds * 1000) return entry.value;
      throw error;
    }
  }

  #load(key: string, load: () => Promise<Tagged<V>>): Promise<V> {
    const flying = this.#flights.get(key);
    if (flying) return flying;
    const flight = this.#loadUntouched(key, load).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  async #loadUntouched(key: string, load: () => Promise<Tagged<V>>): Promise<V> {
    for (let round = 1; ; round++) {
      const position = this.events.position;
      try {
        const loaded = await load();
        if (!this.events.touchedSince(position, loaded.tags)) {
          this.#insert(key, loaded);
          return loaded.value;
        }
        if (round === LOAD_ROUNDS) return loaded.value;
      } catch (error) {
        const refused = this.options.isRefusal?.(error) ?? false;
        // A refresh that is refused ends what was known; an outage leaves it to its age.
        if (refused) this.#entries.delete(key);
        if (refused && this.events.position === position) this.#refusals.set(key, { error });
        throw error;
      }
    }
  }

  #insert(key: string, loaded: Tagged<V>): void {
    this.#entries.set(key, { ...loaded, loadedAt: this.clock.monotonicNow(), refreshing: false });
    for (const tag of loaded.tags) {
      const keys = this.#keysByTag.get(tag);
      if (keys) keys.add(key);
      else this.#keysByTag.set(tag, new Set([key]));
    }
  }

  #evict(tag: string): void {
    // What was refused may be allowed now; events are rare enough to forget all refusals.
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
