/**
 * Slows down guessing. Counts failed credentials per (address, credential) and per address across all processes. Beyond
 * the limit the response is 429, without a lookup. A credential that was valid in the last five minutes is exempt, so
 * that one misconfigured neighbor behind the same address does not block the others.
 */
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/time/clock.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';

const WINDOW_MS = 60_000;
const EXEMPTION_MS = 5 * 60_000;
const CACHE_SIZE = 50_000;
const ADDRESS_FACTOR = 10;

@Injectable()
export class FailedCredentialLimiter {
  readonly #succeededAt: LRUCache<string, number>;
  /**
   * Blocks as this process last saw them. Checking only this map before a lookup saves a round trip per new caller. An
   * attacker that spreads guesses over processes meets the shared count at the next failure in each.
   */
  readonly #blockedUntil: LRUCache<string, number>;

  constructor(
    private readonly state: SharedState,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {
    this.#succeededAt = new LRUCache({ max: CACHE_SIZE });
    this.#blockedUntil = new LRUCache({ max: CACHE_SIZE });
  }

  /** Throws `too_many_failures` for a blocked caller, before any lookup. */
  check(address: string, digest: string): void {
    if (this.#blockedUntil.size === 0 || this.#isExempt(digest)) return;
    const blockedUntil = Math.max(
      this.#getBlockedUntil(buildPairKey(address, digest)),
      this.#getBlockedUntil(buildAddressKey(address)),
    );
    if (blockedUntil > 0) throw tooMany(blockedUntil - this.clock.monotonicNow());
  }

  /** Records that the credential was accepted. */
  recordSuccess(digest: string): void {
    this.#succeededAt.set(digest, this.clock.monotonicNow());
  }

  /** Records that the credential was refused. Throws `too_many_failures` when the limit is exceeded. */
  async recordFailure(address: string, digest: string): Promise<void> {
    if (this.#isExempt(digest)) return;
    const maxPerPair = this.config.auth.failedCredentialsPerMinute;
    const [pairWaitMs, addressWaitMs] = await Promise.all([
      this.#count(buildPairKey(address, digest), maxPerPair),
      this.#count(buildAddressKey(address), maxPerPair * ADDRESS_FACTOR),
    ]);
    const waitMs = Math.max(pairWaitMs, addressWaitMs);
    if (waitMs > 0) throw tooMany(waitMs);
  }

  /** Returns the milliseconds to wait once more than `limit` failures were counted, else 0. */
  async #count(key: string, limit: number): Promise<number> {
    const { value, remainingMs } = await this.state.increment(key, 1, WINDOW_MS);
    if (value >= limit) this.#blockedUntil.set(key, this.clock.monotonicNow() + remainingMs);
    return value > limit ? remainingMs : 0;
  }

  #isExempt(digest: string): boolean {
    const succeededAt = this.#succeededAt.get(digest);
    return succeededAt !== undefined && this.clock.monotonicNow() - succeededAt < EXEMPTION_MS;
  }

  #getBlockedUntil(key: string): number {
    const until = this.#blockedUntil.get(key);
    if (until === undefined) return 0;
    if (until > this.clock.monotonicNow()) return until;
    this.#blockedUntil.delete(key);
    return 0;
  }
}

const buildPairKey = (address: string, digest: string): string => `failed-credential:${address}:${digest}`;
const buildAddressKey = (address: string): string => `failed-credential:${address}`;

function tooMany(waitMs: number): GatewayError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new GatewayError(
    'too_many_failures',
    `Too many failed credentials came from this address. Check the key you send, and try again in ${seconds} s.`,
    { retryAfterSeconds: seconds },
  );
}
