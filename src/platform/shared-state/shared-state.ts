// State that the processes of one deployment share and that may be lost: counters, once-keys, short-lived records and
// the atomic operations over them. Everything here expires. What must survive belongs in the database, not here.
import type { KeySpace } from './key-space.js';

/**
 * A counter after the call. `remainingMs` is the time until it starts again from 0; it is 0 if the counter does not
 * exist.
 */
export interface CounterValue {
  value: number;
  remainingMs: number;
}

/**
 * Result of an atomic operation: the values into which Redis can convert a Lua result (numbers are whole, nil is null).
 */
export type ScriptValue = number | string | null | readonly ScriptValue[];

/**
 * One atomic operation over several keys, written twice: as Lua for Redis and as a function over the same key space in
 * this process. Both must return the same for the same keys and arguments; one suite runs them side by side.
 *
 * The Lua text names keys only through `KEYS` (they carry the deployment's prefix), gives each key that it creates an
 * expiry, and is sent by digest. Arguments arrive as text. `redis.call('TIME')` is `space.now()` here; an operation
 * whose time a test must control takes the current time as an argument instead.
 */
export interface SharedScript<Result extends ScriptValue> {
  /** Unique in the program; for logs. */
  readonly name: string;
  readonly lua: string;
  /** Runs without interruption: it must not be asynchronous. */
  runInProcess(space: KeySpace, keys: readonly string[], args: readonly string[]): Result;
}

/**
 * The injection token and the contract, with two implementations: Redis, for several processes, and this process.
 *
 * Every method is atomic. Durations are whole milliseconds above 0. If the store does not respond in time, the method
 * throws GatewayError `temporarily_unavailable`; the operation may or may not have happened then.
 */
export abstract class SharedState {
  /**
   * Adds `by` (a whole number, negative allowed, 0 reads and starts the window) to a counter, which is exact up to
   * 10^15 (a billion US dollars in micro-dollars). A counter that does not exist begins at 0 and lives `windowMs`
   * from now; later calls do not prolong it. That makes it a fixed window that starts with its first event: at most
   * twice the limit passes in any span of one window.
   */
  abstract increment(key: string, by: number, windowMs: number): Promise<CounterValue>;

  /** Reads a counter without starting it. */
  abstract count(key: string): Promise<CounterValue>;

  /** Claims a key for `ttlMs`: true for exactly one of any number of concurrent callers until it expires. */
  abstract setIfAbsent(key: string, ttlMs: number): Promise<boolean>;

  /** Returns the record, or null if it does not exist or has expired. */
  abstract get(key: string): Promise<string | null>;

  /** Writes a record, replacing the value and the lifetime of an earlier one. */
  abstract set(key: string, value: string, ttlMs: number): Promise<void>;

  /** True if there was a key to delete. */
  abstract delete(key: string): Promise<boolean>;

  /** Reads and deletes a record in one step: of concurrent callers exactly one gets the value, the others null. */
  abstract take(key: string): Promise<string | null>;

  /** Deletes the record if it still holds `expected`; true if it did. Releases a claim of `set` or `once`. */
  abstract takeIf(key: string, expected: string): Promise<boolean>;

  /** Runs an atomic operation over several keys. */
  abstract run<Result extends ScriptValue>(
    script: SharedScript<Result>,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<Result>;

  /** Resolves if the store responds, else throws `temporarily_unavailable`. For readiness. */
  abstract ping(): Promise<void>;

  /** Frees connections and timers. No method may be called afterwards. */
  abstract close(): Promise<void>;
}
