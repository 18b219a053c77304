/**
 * Slows down password guessing, per address and account, per account and per address. An attempt is counted before the
 * password is checked, so that concurrent attempts all count. A successful attempt is refunded.
 */
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { computeTokenDigestKey } from '../../platform/crypto/token-digest.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';

const WINDOW_MS = 15 * 60_000;
/** Limits guessing from many addresses. High enough that one prankster's address does not lock an account. */
const ACCOUNT_FACTOR = 10;
/** Allows for an office behind one address. */
const ADDRESS_FACTOR = 20;

@Injectable()
export class SignInThrottle {
  /** Limit for one account from one address: a person who has forgotten the password. */
  readonly #maxPerPair: number;

  constructor(
    private readonly state: SharedState,
    config: AppConfig,
  ) {
    this.#maxPerPair = config.auth.failedCredentialsPerMinute;
  }

  /** Counts an attempt. Returns null if it may proceed, else the seconds to wait. */
  async attempt(address: string, email: string): Promise<number | null> {
    const waitTimesMs = await Promise.all(
      this.#listLimits(address, email).map(async ([key, limit]) => {
        const { value, remainingMs } = await this.state.increment(key, 1, WINDOW_MS);
        return value > limit ? remainingMs : 0;
      }),
    );
    const waitMs = Math.max(...waitTimesMs);
    return waitMs > 0 ? Math.ceil(waitMs / 1000) : null;
  }

  async recordSuccess(address: string, email: string): Promise<void> {
    await Promise.all(this.#listLimits(address, email).map(([key]) => this.state.increment(key, -1, WINDOW_MS)));
  }

  #listLimits(address: string, email: string): [string, number][] {
    const account = computeTokenDigestKey(email);
    return [
      [`sign-in:${address}:${account}`, this.#maxPerPair],
      [`sign-in:account:${account}`, this.#maxPerPair * ACCOUNT_FACTOR],
      [`sign-in:address:${address}`, this.#maxPerPair * ADDRESS_FACTOR],
    ];
  }
}
