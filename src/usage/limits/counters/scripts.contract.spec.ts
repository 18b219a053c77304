/** Verifies that the counters of limits behave alike in this process and in Redis (TEST_REDIS_URL). */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Clock } from '../../../platform/time/clock.js';
import { InProcessSharedState } from '../../../platform/shared-state/in-process.shared-state.js';
import { RedisSharedState } from '../../../platform/shared-state/redis.shared-state.js';
import type { SharedState } from '../../../platform/shared-state/shared-state.js';
import { FILL, READ, RESERVE, SETTLE, SLOT_MS, computeSlot } from './scripts.js';

const redisUrl = process.env.TEST_REDIS_URL;
const NOW = 1_800_000_000_000;
const LIFE = 600_000;
const LEASE_MS = 120_000;
const SLOT = computeSlot(NOW + LEASE_MS);

interface Subject {
  state: SharedState;
  end(): Promise<void>;
}

function inProcess(): Subject {
  const state = new InProcessSharedState(new Clock());
  return { state, end: () => state.close() };
}

function inRedis(url: string): Subject {
  const keyPrefix = `test:${randomUUID()}:`;
  const state = new RedisSharedState({ url, keyPrefix });
  return {
    state,
    end: async () => {
      const direct = new Redis(url);
      const left = await direct.keys(`${keyPrefix}*`);
      if (left.length > 0) await direct.del(left);
      direct.disconnect();
      await state.close();
    },
  };
}

function keepsTheContract(open: () => Subject): void {
  let subject: Subject;
  let state: SharedState;
  beforeAll(() => {
    subject = open();
    state = subject.state;
  });
  afterAll(() => subject.end());

  let count = 0;
  /** Creates a counter that contains the amounts. */
  const counter = async (amounts: Record<number, number> = {}): Promise<string> => {
    const key = `limit:${++count}`;
    await state.run(FILL, [key], ['g1', LIFE, ...Object.entries(amounts).flat()]);
    return key;
  };
  const ask = (most: number, amount: number, first = 0) => [most, amount, first, LIFE];
  const reserve = (keys: string[], asks: number[][], now = NOW) =>
    state.run(RESERVE, keys, [now, SLOT, SLOT_MS, ...asks.flat()]);
  const settle = (
    key: string,
    held: number,
    used: number,
    {
      slot = SLOT,
      newSlot,
      generation = 'g1',
      bucket = 7,
      first = '',
    }: { slot?: number; newSlot?: number; generation?: string; bucket?: number; first?: number | '' } = {},
  ) => state.run(SETTLE, [key], [slot, newSlot ?? '', generation, held, used, bucket, LIFE, first]);
  const read = (key: string, now = NOW, first = 0) => state.run(READ, [key], [now, SLOT_MS, first]);

  it('a reservation is granted on all limits or on none', async () => {
    const [a, b] = [await counter(), await counter({ 7: 8 })];
    expect(await reserve([a, b], [ask(10, 3), ask(10, 3)])).toEqual(['refused', [1, 0, 0, -1, -1], [0, 8, 0, 7, 7]]);
    expect(await read(a)).toEqual([[0, 0, -1]]);
    expect(await reserve([a, b], [ask(10, 3), ask(10, 2)])).toEqual(['granted', 'g1', 'g1']);
    expect([await read(a), await read(b)]).toEqual([[[0, 3, -1]], [[8, 2, 7]]]);
  });

  it('concurrent reservations never exceed the limit', async () => {
    const key = await counter();
    const answers = await Promise.all(Array.from({ length: 200 }, () => reserve([key], [ask(50, 1)])));
    expect(answers.filter(([what]) => what === 'granted')).toHaveLength(50);
  });

  it('a reservation on unknown counters returns missing and reserves nothing', async () => {
    const there = await counter();
    expect(await reserve([there, 'limit:none', 'limit:neither'], [ask(9, 1), ask(9, 1), ask(9, 1)])).toEqual([
      'missing',
      1,
      2,
    ]);
    expect(await read(there)).toEqual([[0, 0, -1]]);
    expect(await read('limit:none')).toEqual([null]);
  });

  it('a counter is filled once, and a second fill returns the generation of the first', async () => {
    const key = await counter({ 5: 4 });
    expect(await state.run(FILL, [key], ['g2', LIFE, 5, 100])).toBe('g1');
    expect(await read(key)).toEqual([[4, 0, 5]]);
  });

  it('a refusal names the bucket whose end makes room, and none when only running calls could', async () => {
    const key = await counter({ 3: 2, 11: 4, 9: 3 });
    expect(await reserve([key], [ask(10, 3)])).toEqual(['refused', [0, 9, 0, 3, 11]]);
    expect(await reserve([key], [ask(10, 4)])).toEqual(['refused', [0, 9, 0, 9, 11]]);
    expect(await reserve([key], [ask(10, 11)])).toEqual(['refused', [0, 9, 0, -1, 11]]);
  });

  it('buckets before the window do not count', async () => {
    const key = await counter({ 3: 6, 4: 1 });
    expect(await reserve([key], [ask(6, 5, 4)])).toEqual(['granted', 'g1']);
    expect(await read(key, NOW, 0)).toEqual([[1, 5, 4]]);
  });

  it('a reservation of nothing passes beyond the limit', async () => {
    const key = await counter({ 3: 60 });
    expect(await reserve([key], [ask(6, 0)])).toEqual(['granted', 'g1']);
  });

  it('a settlement replaces the reserved amount by the used amount', async () => {
    const key = await counter();
    await reserve([key], [ask(10, 6)]);
    expect(await settle(key, 6, 2)).toEqual([['g1', -1]]);
    expect(await read(key)).toEqual([[2, 0, 7]]);
    await reserve([key], [ask(10, 6)]);
    await settle(key, 6, 0);
    expect(await read(key)).toEqual([[2, 0, 7]]);
  });

  it('a reservation is released when its lease expires, even before the next request', async () => {
    const key = await counter();
    await reserve([key], [ask(10, 6)]);
    const over = SLOT * SLOT_MS;
    expect(await read(key, over - 1)).toEqual([[0, 6, -1]]);
    expect(await read(key, over)).toEqual([[0, 0, -1]]);
    expect(await reserve([key], [ask(10, 10)], over)).toEqual(['granted', 'g1']);
  });

  it('a settlement after the lease counts its usage and releases no other reservation', async () => {
    const key = await counter();
    const later = SLOT * SLOT_MS;
    await reserve([key], [ask(10, 6)]);
    await state.run(RESERVE, [key], [later, SLOT + 12, SLOT_MS, ...ask(10, 4)]);
    await settle(key, 6, 5);
    expect(await read(key, later)).toEqual([[5, 4, 7]]);
  });

  it('a reservation moves to a later slot, also when its lease has expired', async () => {
    const key = await counter();
    await reserve([key], [ask(10, 6)]);
    expect(await settle(key, 6, 0, { newSlot: SLOT + 5 })).toEqual([['g1', -1]]);
    expect(await read(key, SLOT * SLOT_MS)).toEqual([[0, 6, -1]]);
    await reserve([key], [ask(10, 0)], (SLOT + 5) * SLOT_MS);
    await settle(key, 6, 0, { slot: SLOT + 5, newSlot: SLOT + 20 });
    expect(await read(key, (SLOT + 5) * SLOT_MS)).toEqual([[0, 6, -1]]);
  });

  it('a settlement of an earlier generation releases no reservation', async () => {
    const key = await counter();
    await reserve([key], [ask(10, 6)]);
    expect(await settle(key, 6, 1, { generation: 'g0' })).toEqual([['g1', -1]]);
    expect(await read(key)).toEqual([[1, 6, 7]]);
  });

  it('a settlement does not create a missing counter', async () => {
    expect(await settle('limit:gone', 6, 1)).toEqual([['', -1]]);
    expect(await read('limit:gone')).toEqual([null]);
  });

  it('every settlement returns the sum of the buckets in its window', async () => {
    const key = await counter({ 3: 100, 5: 20 });
    expect(await settle(key, 0, 4, { first: 4 })).toEqual([['g1', 24]]);
    expect(await settle(key, 0, 0, { first: 3 })).toEqual([['g1', 124]]);
    expect(await settle('limit:none', 0, 4, { first: 4 })).toEqual([['', -1]]);
    const seen = await Promise.all(Array.from({ length: 50 }, () => settle(key, 0, 1, { first: 4 })));
    expect(seen.map(([settled]) => settled![1]).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => 25 + i),
    );
  });

  it('counters are exact beyond 10^15', async () => {
    const key = await counter({ 7: 999_999_999_999_999 });
    expect(await reserve([key], [ask(1_000_000_000_000_000, 1)])).toEqual(['granted', 'g1']);
    expect((await reserve([key], [ask(1_000_000_000_000_000, 1)]))[0]).toBe('refused');
    await settle(key, 1, 1);
    expect(await read(key)).toEqual([[1_000_000_000_000_000, 0, 7]]);
  });
}

describe('counters in this process', () => keepsTheContract(inProcess));
(redisUrl ? describe : describe.skip)('counters in Redis (TEST_REDIS_URL)', () => {
  keepsTheContract(() => inRedis(redisUrl ?? ''));
});
