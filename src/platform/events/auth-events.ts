/**
 * The auth-event bus: notifies every process immediately of a change to data that a cache may hold. An event is a row
 * written in the transaction of the change, so it exists exactly if the change does.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../time/clock.js';

/**
 * `revoked`: the object lost rights; caches drop it, and open streams that depend on it are cut.
 * `changed`: caches drop it; streams continue.
 */
export type AuthEventEffect = 'revoked' | 'changed';

/** The tag names what changed, `<kind>:<id>`; caches index their entries by such tags. */
export interface NewAuthEvent {
  tag: string;
  effect: AuthEventEffect;
}

export interface AuthEvent extends NewAuthEvent {
  /** Number of the row in `auth_event`, as text: it is 64 bits wide. */
  seq: string;
}

export const AUTH_EVENT_CHANNEL = 'gatehouse_auth_event';

/** Injection token of `BusMode`: `in-process` with the embedded database, `shared` with PostgreSQL. */
export const BUS_MODE = Symbol('BUS_MODE');
export type BusMode = 'in-process' | 'shared';

// Recent events are kept so that a load that began before one of them is not cached. A load lasts milliseconds; at a
// thousand events a second this still covers four seconds of it.
const MAX_RECENT = 4096;

const SILENCE_LIMIT_MS = 2_000;

@Injectable()
export class AuthEvents {
  readonly #listeners = new Set<(event: AuthEvent) => void>();
  readonly #resyncListeners = new Set<() => void>();
  readonly #seen = new Set<string>();
  readonly #recent: string[] = new Array<string>(MAX_RECENT);
  #position = 0;
  #lastContactAt: number;

  constructor(
    private readonly clock: Clock,
    @Inject(BUS_MODE) private readonly mode: BusMode,
  ) {
    this.#lastContactAt = clock.monotonicNow();
  }

  /** Counts the events applied in this process. Take it before reading what you mean to cache. */
  get position(): number {
    return this.#position;
  }

  /** Milliseconds since the bus last showed signs of life; 0 in process. */
  get silentMs(): number {
    return this.mode === 'in-process' ? 0 : this.clock.monotonicNow() - this.#lastContactAt;
  }

  /** False when the bus has been silent for two seconds: a revocation may have been missed. */
  get isTrusted(): boolean {
    return this.silentMs < SILENCE_LIMIT_MS;
  }

  /**
   * Whether an event applied after `position` has one of `tags`. Also true if the events since then have been dropped.
   */
  hasChangedSince(position: number, tags: readonly string[]): boolean {
    if (this.#position === position) return false;
    if (this.#position - position >= MAX_RECENT) return true;
    for (let i = position; i < this.#position; i++) {
      if (tags.includes(this.#recent[i % MAX_RECENT]!)) return true;
    }
    return false;
  }

  /** Writes the events inside the caller's transaction; they reach every process when it commits. */
  async append(manager: EntityManager, events: readonly NewAuthEvent[]): Promise<AuthEvent[]> {
    const rows = await manager.query<{ seq: string }[]>(
      `WITH appended AS (
         INSERT INTO auth_event (tag, effect)
         SELECT * FROM unnest($1::text[], $2::text[])
         RETURNING seq, tag, effect)
       SELECT seq, pg_notify('${AUTH_EVENT_CHANNEL}', seq || ' ' || effect || ' ' || tag) FROM appended ORDER BY seq`,
      [events.map((event) => event.tag), events.map((event) => event.effect)],
    );
    return events.map((event, i) => ({ ...event, seq: rows[i]!.seq }));
  }

  /** Applies a committed event in this process, only once however often it arrives (own commit, NOTIFY, poll). */
  apply(event: AuthEvent): void {
    if (this.#seen.has(event.seq)) return;
    this.#seen.add(event.seq);
    if (this.#seen.size > 4 * MAX_RECENT) this.#removeOldest(2 * MAX_RECENT);
    this.#recent[this.#position % MAX_RECENT] = event.tag;
    this.#position++;
    for (const listener of this.#listeners) listener(event);
  }

  /** A Set keeps the order of insertion, so the first ones are the oldest. */
  #removeOldest(count: number): void {
    for (const seq of this.#seen) {
      if (count-- === 0) break;
      this.#seen.delete(seq);
    }
  }

  /** Records that the bus reader has received something from the database. */
  recordContact(): void {
    this.#lastContactAt = this.clock.monotonicNow();
  }

  /** Call it when messages may have been missed (a reconnect, or a silence): all cached data is suspect. */
  resync(): void {
    this.#position += MAX_RECENT;
    for (const listener of this.#resyncListeners) listener();
  }

  subscribe(listener: (event: AuthEvent) => void): void {
    this.#listeners.add(listener);
  }

  onResync(listener: () => void): void {
    this.#resyncListeners.add(listener);
  }
}
