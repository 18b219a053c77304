import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Clock } from '../time/clock.js';
import { InProcessSharedState } from './in-process.shared-state.js';
import { RedisSharedState } from './redis.shared-state.js';
import type { SharedScript, SharedState } from './shared-state.js';

/** A store under test, and the way its keys grow older without anyone waiting. */
interface Subject {
  state: SharedState;
  advance(ms: number): Promise<void>;
  end(): Promise<void>;
}

async function inProcess(): Promise<Subject> {
  const clock = new (class extends Clock {
    at = 1_800_000_000_000;
    override now(): number {
      return this.at;
    }
    override monotonicNow(): number {
      return this.at;
    }
  })();
  const state = new InProcessSharedState(clock);
  return { state, advance: async (ms) => void (clock.at += ms), end: () => state.close() };
}

async function inRedis(url: string): Promise<Subject> {
  const keyPrefix = `test:${randomUUID()}:`;
  const state = new RedisSharedState({ url, keyPrefix });
  const direct = new Redis(url);
  const keys = () => direct.keys(`${keyPrefix}*`);
  const age = async (key: string, ms: number) => direct.pexpire(key, (await direct.pttl(key)) - ms);
  return {
    state,
    advance: async (ms) => void (await Promise.all((await keys()).map((key) => age(key, ms)))),
    end: async () => {
      const left = await keys();
      if (left.length > 0) await direct.del(left);
      direct.disconnect();
      await state.close();
    },
  };
}

/** Takes `amount` from every pot or from none; the pots are hashes that keep what is used and by how many. */
const reserve: SharedScript<readonly [number, string | null]> = {
  name: 'test-reserve',
  lua: `
    local amount, limit, ttl = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
    for i, key in ipairs(KEYS) do
      if tonumber(redis.call('HGET', key, 'used') or '0') + amount > limit then return {0, ARGV[3 + i]} end
    end
    for _, key in ipairs(KEYS) do
      local new = redis.call('EXISTS', key) == 0
      redis.call('HINCRBY', key, 'used', amount)
      redis.call('HINCRBY', key, 'calls', 1)
      if new then redis.call('PEXPIRE', key, ttl) end
    end
    return {1, false}`,
  runInProcess(space, keys, [amount, limit, ttl, ...names]) {
    for (const [i, key] of keys.entries()) {
      if (Number(space.hashGet(key, 'used') ?? 0) + Number(amount) > Number(limit)) return [0, names[i] ?? null];
    }
    for (const key of keys) {
      space.hashIncrementBy(key, 'used', Number(amount), Number(ttl));
      space.hashIncrementBy(key, 'calls', 1, Number(ttl));
    }
    return [1, null];
  },
};

const redisUrl = process.env.TEST_REDIS_URL;
const many = <T>(count: number, call: () => Promise<T>) => Promise.all(Array.from({ length: count }, call));

function keepsTheContract(open: () => Promise<Subject>): void {
  let subject: Subject;
  let state: SharedState;
  beforeAll(async () => {
    subject = await open();
    state = subject.state;
  });
  afterAll(() => subject.end());

  /** How much of a life of 60 s may have gone by on a real clock. */
  const almost = (ms: number, actual: number) => expect(Math.abs(ms - actual)).toBeLessThan(5_000);

  describe('counters', () => {
    it('a counter starts at zero and counts', async () => {
      expect(await state.increment('c1', 2, 60_000)).toMatchObject({ value: 2 });
      expect(await state.increment('c1', -3, 60_000)).toMatchObject({ value: -1 });
      expect(await state.count('c1')).toMatchObject({ value: -1 });
    });

    it('the window of a counter ends where its first event set it', async () => {
      almost(60_000, (await state.increment('c2', 1, 60_000)).remainingMs);
      await subject.advance(40_000);
      almost(20_000, (await state.increment('c2', 1, 60_000)).remainingMs);
      almost(20_000, (await state.count('c2')).remainingMs);
      await subject.advance(20_000);
      expect(await state.count('c2')).toEqual({ value: 0, remainingMs: 0 });
      expect((await state.increment('c2', 1, 60_000)).value).toBe(1);
    });

    it('reading a counter does not start its window', async () => {
      expect(await state.count('c3')).toEqual({ value: 0, remainingMs: 0 });
      expect(await state.get('c3')).toBeNull();
    });

    it('a counter loses no concurrent increments', async () => {
      const seen = await many(200, () => state.increment('c4', 1, 60_000));
      expect(new Set(seen.map(({ value }) => value)).size).toBe(200);
      expect((await state.count('c4')).value).toBe(200);
    });

    it('a counter is exact up to 10^15', async () => {
      await state.increment('c5', 1_000_000_000_000_000, 60_000);
      expect((await state.increment('c5', 1, 60_000)).value).toBe(1_000_000_000_000_001);
    });
  });

  describe('once-keys', () => {
    it('a once-key has exactly one winner', async () => {
      const won = await many(100, () => state.setIfAbsent('o1', 60_000));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it('a once-key can be won again only after it expired', async () => {
      expect(await state.setIfAbsent('o2', 60_000)).toBe(true);
      await subject.advance(50_000);
      expect(await state.setIfAbsent('o2', 60_000)).toBe(false);
      await subject.advance(10_000);
      expect(await state.setIfAbsent('o2', 60_000)).toBe(true);
    });

    it('a deleted once-key can be won again', async () => {
      await state.setIfAbsent('o3', 60_000);
      expect(await state.delete('o3')).toBe(true);
      expect(await state.setIfAbsent('o3', 60_000)).toBe(true);
    });
  });

  describe('records', () => {
    it('a record is read as it was written', async () => {
      await state.set('r1', 'gr\u00fc\u00df \u0000 "x"', 60_000);
      expect(await state.get('r1')).toBe('gr\u00fc\u00df \u0000 "x"');
      await state.set('r1', '', 60_000);
      expect(await state.get('r1')).toBe('');
      expect(await state.get('r-none')).toBeNull();
    });

    it('a record expires as its last write sets', async () => {
      await state.set('r2', 'a', 60_000);
      await state.set('r2', 'b', 120_000);
      await subject.advance(60_000);
      expect(await state.get('r2')).toBe('b');
      await subject.advance(60_000);
      expect(await state.get('r2')).toBeNull();
      expect(await state.delete('r2')).toBe(false);
    });

    it('a record is taken exactly once', async () => {
      await state.set('r3', 'x', 60_000);
      const taken = await many(50, () => state.take('r3'));
      expect(taken.filter((value) => value !== null)).toEqual(['x']);
    });

    it('an expired record cannot be taken', async () => {
      await state.set('r4', 'x', 60_000);
      await subject.advance(60_000);
      expect(await state.take('r4')).toBeNull();
    });

    it('takeIf takes a record only with its current value', async () => {
      await state.set('r5', 'mine', 60_000);
      expect(await state.takeIf('r5', 'yours')).toBe(false);
      expect(await state.get('r5')).toBe('mine');
      expect(await state.takeIf('r5', 'mine')).toBe(true);
      expect(await state.takeIf('r5', 'mine')).toBe(false);
    });
  });

  describe('atomic operations', () => {
    const pots = (...names: string[]) => names.map((name) => `pot:${name}`);

    it('a script changes all its keys or none', async () => {
      expect(await state.run(reserve, pots('a'), [8, 10, 60_000, 'a'])).toEqual([1, null]);
      expect(await state.run(reserve, pots('b', 'a'), [3, 10, 60_000, 'b', 'a'])).toEqual([0, 'a']);
      expect(await state.run(reserve, pots('b', 'a'), [2, 10, 60_000, 'b', 'a'])).toEqual([1, null]);
      expect(await state.run(reserve, pots('b'), [9, 10, 60_000, 'b'])).toEqual([0, 'b']);
    });

    it('scripts run one after another', async () => {
      const answers = await many(100, () => state.run(reserve, pots('c', 'd'), [1, 30, 60_000, 'c', 'd']));
      expect(answers.filter(([granted]) => granted === 1)).toHaveLength(30);
    });

    it("a script's keys expire", async () => {
      await state.run(reserve, pots('e'), [10, 10, 60_000, 'e']);
      await subject.advance(60_000);
      expect(await state.run(reserve, pots('e'), [10, 10, 60_000, 'e'])).toEqual([1, null]);
    });
  });

  it('the state responds to a ping', () => expect(state.ping()).resolves.toBeUndefined());
}

describe('in-process shared state', () => keepsTheContract(inProcess));
(redisUrl ? describe : describe.skip)('shared state in Redis (TEST_REDIS_URL)', () => {
  keepsTheContract(() => inRedis(redisUrl ?? ''));
});
