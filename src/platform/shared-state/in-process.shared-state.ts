import type { Clock } from '../time/clock.js';
import { KeySpace } from './key-space.js';
import { SharedState, type CounterValue, type ScriptValue, type SharedScript } from './shared-state.js';

export interface InProcessSharedStateOptions {
  /** Approximate memory bound, in bytes. Default 64 MiB: about 350,000 counters. */
  maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Expired entries cost only memory, so a second is soon enough; 20 000 entries are walked in about 2 ms. */
const SWEEP_INTERVAL_MS = 1_000;
const SWEEP_ENTRIES = 20_000;

/**
 * Shared state of a deployment with one process. Operations are atomic because none of them waits. Expiry follows the
 * injected clock; the timer only frees memory.
 */
export class InProcessSharedState extends SharedState {
  readonly space: KeySpace;
  readonly #sweeper: NodeJS.Timeout;

  constructor(clock: Clock, options: InProcessSharedStateOptions = {}) {
    super();
    this.space = new KeySpace(clock, options.maxBytes ?? DEFAULT_MAX_BYTES);
    this.#sweeper = setInterval(() => this.space.sweep(SWEEP_ENTRIES), SWEEP_INTERVAL_MS);
    this.#sweeper.unref();
  }

  override async increment(key: string, by: number, windowMs: number): Promise<CounterValue> {
    const value = this.space.incrementBy(key, by, windowMs);
    return { value, remainingMs: this.space.getTtl(key) };
  }

  override async count(key: string): Promise<CounterValue> {
    return { value: Number(this.space.get(key) ?? 0), remainingMs: this.space.getTtl(key) };
  }

  override async setIfAbsent(key: string, ttlMs: number): Promise<boolean> {
    if (this.space.getTtl(key) > 0) return false;
    this.space.set(key, '1', ttlMs);
    return true;
  }

  override async get(key: string): Promise<string | null> {
    return this.space.get(key);
  }

  override async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.space.set(key, value, ttlMs);
  }

  override async delete(key: string): Promise<boolean> {
    return this.space.delete(key);
  }

  override async take(key: string): Promise<string | null> {
    const value = this.space.get(key);
    this.space.delete(key);
    return value;
  }

  override async takeIf(key: string, expected: string): Promise<boolean> {
    return this.space.get(key) === expected && this.space.delete(key);
  }

  override async run<Result extends ScriptValue>(
    script: SharedScript<Result>,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<Result> {
    return script.runInProcess(this.space, keys, args.map(String));
  }

  override async ping(): Promise<void> {}

  override async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.space.clear();
  }
}
