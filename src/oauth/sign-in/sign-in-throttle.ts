/**
 * Slows down guessing at passwords, per address and account, per account and per address. An attempt is counted before the
 * password is looked at, so that many at once count as many; one that succeeds is given back.
 */
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { tokenDigestKey } from '../../platform/crypto/token-digest.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';

const WINDOW_MS = 15 * 60_000;
/** Guessed from many addresses at once; high enough that nobody is locked out by a prankster's one. */
const ACCOUNT_FACTOR = 10;
/** An office behind one address. */
const ADDRESS_FACTOR = 20;

@Injectable()
export class SignInThrottle {
  /** Of one account from one address: somebody who does not remember. */
  readonly #perPair: number;

  constructor(
    private readonly state: SharedState,
    config: AppConfig,
  ) {
    this.#perPair = config.auth.failedCredentialsPerMinute;
  }

  /** Counts an attempt. Null: go on. Else the seconds to wait. */
  async attempt(address: string, email: string): Promise<number | null> {
    const counted = await Promise.all(
      this.#limitsOf(address, email).map(async ([key, limit]) => {
        const { value, remainingMs } = await this.state.increment(key, 1, WINDOW_MS);
        return value > limit ? remainingMs : 0;
      }),
    );
    const waitMs = Math.max(...counted);
    return waitMs > 0 ? Math.ceil(waitMs / 1000) : null;
  }

  async succeeded(address: string, email: string): Promise<void> {
    await Promise.all(this.#limitsOf(address, email).map(([key]) => this.state.increment(key, -1, WINDOW_MS)));
  }

  #limitsOf(address: string, email: string): [string, number][] {
    const account = tokenDigestKey(email);
    return [
      [`sign-in:${address}:${account}`, this.#perPair],
      [`sign-in:account:${account}`, this.#perPair * ACCOUNT_FACTOR],
      [`sign-in:address:${address}`, this.#perPair * ADDRESS_FACTOR],
    ];
  }
}
