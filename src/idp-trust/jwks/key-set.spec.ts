/** Tests the timing of a provider's keys, on a clock that moves only when a test moves it. */
import { generateKeyPairSync } from 'node:crypto';
import { Clock } from '../../platform/time/clock.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { KeySet, type KeySetHealth } from './key-set.js';
import { toVerificationKey, type VerificationKey } from './verification-key.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

class StandingClock extends Clock {
  at = 1_800_000_000_000;
  /** How far the wall clock is ahead of the elapsed time. */
  jumpedMs = 0;
  override now(): number {
    return this.at + this.jumpedMs;
  }
  override monotonicNow(): number {
    return this.at;
  }
}

const makeKey = async (kid: string): Promise<VerificationKey> =>
  (await toVerificationKey({ ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid }))!;

const [A, B] = await Promise.all([makeKey('a'), makeKey('b')]);
const wanted = (kid: string | null) => ({ kid, alg: 'EdDSA' });

/** A provider whose responses the test sets; `hold` delays them. */
function provider(random = () => 0) {
  const clock = new StandingClock();
  const state = {
    keys: [A] as VerificationKey[],
    freshMs: 10 * MINUTE,
    isDown: false,
    fetches: 0,
    kept: null as { keys: readonly VerificationKey[]; fetchedAt: number } | null,
    hold: Promise.resolve(),
    failures: [] as KeySetHealth[],
  };
  const set = new KeySet(
    {
      fetch: async () => {
        state.fetches++;
        await state.hold;
        if (state.isDown) throw new GatewayError('idp_unreachable', 'It responded with the status 500.');
        return { keys: state.keys, freshMs: state.freshMs };
      },
      recall: async () => state.kept,
      save: (keys, fetchedAt) => void (state.kept = { keys, fetchedAt }),
      reportFailure: (_error, health) => void state.failures.push(health),
    },
    clock,
    random,
  );
  return { clock, state, set };
}

/** Lets background work finish. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a fresh key set', () => {
  it('a key set is fetched once for 100 concurrent lookups', async () => {
    const { state, set } = provider();
    const found = await Promise.all(Array.from({ length: 100 }, () => set.find(wanted('a'))));
    expect(found.every((key) => key === A)).toBe(true);
    await set.find(wanted('a'));
    expect(state.fetches).toBe(1);
  });

  it('a background fetch of a key set begins at four fifths of its lifetime', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    clock.at += 8 * MINUTE - 1;
    await set.find(wanted('a'));
    expect(state.fetches).toBe(1);
    clock.at += 1;
    state.hold = new Promise(() => undefined); // never responds
    expect(await set.find(wanted('a'))).toBe(A);
    expect(await set.find(wanted('a'))).toBe(A);
    expect(state.fetches).toBe(2);
  });

  it('a rotated key is fetched before the old key is retired', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    state.keys = [A, B];
    clock.at += 9 * MINUTE;
    await set.find(wanted('a'));
    await settle();
    const before = state.fetches;
    expect(await set.find(wanted('b'))).toBe(B);
    expect(state.fetches).toBe(before);
  });

  it('the next key set fetch drops a key that the provider dropped', async () => {
    const { clock, state, set } = provider();
    state.keys = [A, B];
    await set.find(wanted('a'));
    state.keys = [B];
    clock.at += 11 * MINUTE;
    expect(await set.find(wanted('a'))).toBeNull();
    expect(state.kept!.keys).toEqual([B]);
  });
});

describe('an unknown key', () => {
  it('an unknown key triggers one fetch if the last fetch was 30 seconds ago', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    clock.at += 30 * SECOND;
    state.keys = [A, B];
    expect(await Promise.all([set.find(wanted('b')), set.find(wanted('b')), set.find(wanted('x'))])).toEqual([
      B,
      B,
      null,
    ]);
    expect(state.fetches).toBe(2);
  });

  it('a flood of unknown key ids causes at most two fetches a minute', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    for (let i = 0; i < 1_000; i++) {
      clock.at += 60; // one minute in total
      expect(await set.find(wanted(`random-${i}`))).toBeNull();
    }
    expect(state.fetches).toBe(1 + 2);
    expect(await set.find(wanted('a'))).toBe(A);
  });

  it('a flood of unknown key ids during an outage causes two fetches a minute', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    state.isDown = true;
    for (let i = 0; i < 1_000; i++) {
      clock.at += 60;
      expect(await set.find(wanted(`random-${i}`))).toBeNull();
    }
    expect(state.fetches).toBe(1 + 2);
    expect(await set.find(wanted('a'))).toBe(A);
  });

  it('a flood of unknown key ids delays a new key by 30 seconds at most', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    clock.at += 30 * SECOND;
    await set.find(wanted('random'));
    state.keys = [A, B];
    expect(await set.find(wanted('b'))).toBeNull();
    clock.at += 30 * SECOND;
    expect(await set.find(wanted('b'))).toBe(B);
  });

  it('a missing key is remembered for 30 seconds', async () => {
    const { clock, state, set } = provider();
    state.kept = { keys: [A], fetchedAt: clock.at - MINUTE };
    expect(await set.find(wanted('b'))).toBeNull();
    expect(state.fetches).toBe(1);
    state.keys = [A, B];
    clock.at += 29 * SECOND;
    expect(await set.find(wanted('b'))).toBeNull();
    clock.at += SECOND + 1;
    expect(await set.find(wanted('b'))).toBe(B);
  });

  it('a known key id with another algorithm triggers no fetch', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    clock.at += MINUTE;
    expect(await set.find({ kid: 'a', alg: 'RS256' })).toBeNull();
    expect(state.fetches).toBe(1);
  });
});

describe('a token without kid', () => {
  it('a token without kid is verified only if one key fits', async () => {
    const { clock, state, set } = provider();
    expect(await set.find(wanted(null))).toBe(A);
    state.keys = [A, B];
    clock.at += 11 * MINUTE;
    expect(await set.find(wanted(null))).toBeNull();
  });
});

describe('an outage of the provider', () => {
  it('the last fetched IdP keys serve for a day of outage without delay', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    state.isDown = true;
    clock.at += 2 * HOUR;
    expect(await set.find(wanted('a'))).toBe(A);
    expect(await set.getHealth()).toMatchObject({
      state: 'stale',
      failuresInARow: 1,
      ageSeconds: 7_200,
      keyIds: ['a'],
    });
    clock.at += MINUTE;
    state.hold = new Promise(() => undefined); // now it hangs instead of refusing
    expect(await set.find(wanted('a'))).toBe(A);
    clock.at += 21 * HOUR;
    expect(await set.find(wanted('a'))).toBe(A);
  });

  it('the last fetched IdP keys are rejected after a day of outage', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    state.isDown = true;
    clock.at += 24 * HOUR;
    await expect(set.find(wanted('a'))).rejects.toMatchObject({ code: 'idp_unreachable' });
    expect(await set.getHealth()).toMatchObject({ state: 'none', keyIds: [] });
  });

  it('key set retries back off from one second to one minute', async () => {
    const { clock, state, set } = provider(() => 1);
    state.isDown = true;
    const attempts: number[] = [];
    const startedAt = clock.at;
    while (clock.at < startedAt + 5 * MINUTE) {
      const before = state.fetches;
      await expect(set.find(wanted('a'))).rejects.toMatchObject({ code: 'idp_unreachable' });
      if (state.fetches > before) attempts.push((clock.at - startedAt) / SECOND);
      clock.at += SECOND;
    }
    expect(attempts).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it('key lookups without a key set fail with retryAfterSeconds until the provider recovers', async () => {
    const { clock, state, set } = provider(() => 1);
    state.isDown = true;
    for (const retryAfterSeconds of [1, 2, 4]) {
      await expect(set.find(wanted('a'))).rejects.toMatchObject({ code: 'idp_unreachable', retryAfterSeconds });
      clock.at += retryAfterSeconds * SECOND;
    }
    state.isDown = false;
    expect(await set.find(wanted('a'))).toBe(A);
    expect(await set.getHealth()).toMatchObject({ state: 'fresh', failuresInARow: 0 });
    expect(state.failures.map(({ failuresInARow }) => failuresInARow)).toEqual([1, 2, 3]);
  });

  it('one failed key set fetch rejects all concurrent lookups', async () => {
    const { state, set } = provider();
    state.isDown = true;
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => set.find(wanted('a'))));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(state.fetches).toBe(1);
  });
});

describe('a stored key set', () => {
  it('a stored key set serves after a restart without a fetch', async () => {
    const { clock, state, set } = provider();
    state.kept = { keys: [A], fetchedAt: clock.at - 5 * MINUTE };
    expect(await set.find(wanted('a'))).toBe(A);
    expect(state.fetches).toBe(0);
  });

  it('a stored key set serves a restart during an outage for a day', async () => {
    const { clock, state, set } = provider();
    state.isDown = true;
    state.kept = { keys: [A], fetchedAt: clock.at - 23 * HOUR };
    expect(await set.find(wanted('a'))).toBe(A);
    clock.at += HOUR;
    await expect(set.find(wanted('a'))).rejects.toMatchObject({ code: 'idp_unreachable' });
  });

  it('a newer stored key set replaces the keys after suspect()', async () => {
    const { clock, state, set } = provider();
    state.keys = [A, B];
    await set.find(wanted('a'));
    state.kept = { keys: [B], fetchedAt: clock.at + 1 };
    set.suspect();
    expect(await set.find(wanted('a'))).toBeNull();
    expect(await set.find(wanted('b'))).toBe(B);
  });

  it('an older stored key set does not replace the keys', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    state.kept = { keys: [B], fetchedAt: clock.at - 1 };
    set.suspect();
    expect(await set.find(wanted('a'))).toBe(A);
  });
});

describe.each([
  ['forward', 5 * HOUR],
  ['back', -5 * HOUR],
])('a wall clock jump %s by hours', (_, jumpMs) => {
  it('a wall clock jump neither refetches nor expires the key set', async () => {
    const { clock, state, set } = provider();
    await set.find(wanted('a'));
    clock.jumpedMs = jumpMs;
    expect(await set.find(wanted('a'))).toBe(A);
    expect(await set.getHealth()).toMatchObject({ state: 'fresh', ageSeconds: 0, fetchedAt: clock.at + jumpMs });
    expect(state.fetches).toBe(1);
    clock.at += 8 * MINUTE;
    await set.find(wanted('a'));
    expect(state.fetches).toBe(2);
  });

  it('a wall clock jump does not delay the next key set retry', async () => {
    const { clock, state, set } = provider(() => 1);
    state.isDown = true;
    await expect(set.find(wanted('a'))).rejects.toMatchObject({ code: 'idp_unreachable' });
    clock.jumpedMs = jumpMs;
    await expect(set.find(wanted('a'))).rejects.toMatchObject({ code: 'idp_unreachable', retryAfterSeconds: 1 });
    expect(state.fetches).toBe(1);
    clock.at += SECOND;
    state.isDown = false;
    expect(await set.find(wanted('a'))).toBe(A);
  });

  it('a wall clock jump does not hide a newer stored key set', async () => {
    const { clock, state, set } = provider();
    clock.jumpedMs = jumpMs;
    await set.find(wanted('a'));
    clock.jumpedMs = 0;
    clock.at += MINUTE;
    state.kept = { keys: [B], fetchedAt: clock.at - SECOND };
    set.suspect();
    expect(await set.find(wanted('b'))).toBe(B);
  });
});
