/**
 * Slows down guessing at passwords, per address and account, per account and per address. An attempt is counted before the
 * password is looked at, so that many at once count as many; one that succeeds is given back.
 */
import { Injectable } from '@nestjs/common';
import { tokenDigestKey } from '../../platform/crypto/token-digest.js';
import { SharedState } from '../../platform/shared-state/shared-state.js';

const WINDOW_MS = 15 * 60_000;
/** Somebody who does not remember. */
const PER_PAIR = 10;
/** Guessed from many addresses at once; high enough that nobody is locked out by a prankster's one. */
const PER_ACCOUNT = 100;
/** An office behind one address. */
const PER_ADDRESS = 200;

@Injectable()
export class SignInThrottle {
  constructor(private readonly state: SharedState) {}

  /** Counts an attempt. Null: go on. Else the seconds to wait. */
  async attempt(address: string, email: string): Promise<number | null> {
    const counted = await Promise.all(
      limitsOf(address, email).map(async ([key, limit]) => {
        const { value, remainingMs } = await this.state.increment(key, 1, WINDOW_MS);
        return value > limit ? remainingMs : 0;
      }),
    );
    const waitMs = Math.max(...counted);
    return waitMs > 0 ? Math.ceil(waitMs / 1000) : null;
  }

  async succeeded(address: string, email: string): Promise<void> {
    await Promise.all(limitsOf(address, email).map(([key]) => this.state.increment(key, -1, WINDOW_MS)));
  }
}

function limitsOf(address: string, email: string): [string, number][] {
  const account = tokenDigestKey(email);
  return [
    [`sign-in:${address}:${account}`, PER_PAIR],
    [`sign-in:account:${account}`, PER_ACCOUNT],
    [`sign-in:address:${address}`, PER_ADDRESS],
  ];
}
