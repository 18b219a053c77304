import { Clock } from '../time/clock.js';
import { AuthEvents, type BusMode } from './auth-events.js';
import { InvalidatedCache, type InvalidatedCacheOptions, type Tagged } from './invalidated-cache.js';

class TestClock extends Clock {
  #now = 1_000_000;
  /** How far the wall clock was put ahead of the time that has passed. */
  jumpedMs = 0;
  override now(): number {
    return this.#now + this.jumpedMs;
  }
  override monotonicNow(): number {
    return this.#now;
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

interface Value {
  version: number;
}

class Refusal extends Error {}

/** A cache on a bus, and a source that it loads from: each load waits until the test resolves it. */
function setUp(options: Partial<InvalidatedCacheOptions> = {}, mode: BusMode = 'shared') {
  const clock = new TestClock();
  const events = new AuthEvents(clock, mode);
  const cache = new InvalidatedCache<Value>(events, clock, {
    max: 100,
    staleSeconds: 0,
    isRefusal: (error) => error instanceof Refusal,
    ...options,
  });
  const waiting: { resolve: (loaded: Tagged<Value>) => void; reject: (error: unknown) => void }[] = [];
  let loads = 0;
  const load = (): Promise<Tagged<Value>> => {
    loads++;
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  let seq = 0;
  return {
    clock,
    events,
    cache,
    load,
    loads: () => loads,
    get: (key = 'k') => cache.get(key, load),
    peek: (key = 'k') => cache.peek(key, load),
    answer: (version: number, tags: string[] = ['user:1']) => waiting.shift()!.resolve({ value: { version }, tags }),
    fail: (error: unknown) => waiting.shift()!.reject(error),
    announce: (tag: string) => events.apply({ seq: String(++seq), tag, effect: 'revoked' }),
    /** Advances the clock while the bus stays alive. */
    pass: (milliseconds: number) => {
      clock.advance(milliseconds);
      events.recordContact();
    },
    /** Waits until resolved loads have reached the cache. */
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

const known = async (options: Partial<InvalidatedCacheOptions> = {}, mode: BusMode = 'shared') => {
  const at = setUp(options, mode);
  const first = at.get();
  at.answer(1);
  await first;
  return at;
};

describe('unknown keys', () => {
  it('concurrent gets of an unknown key share one load', async () => {
    const at = setUp();
    const all = Promise.all([at.get(), at.get(), at.get()]);
    at.answer(1);
    expect(await all).toEqual([{ version: 1 }, { version: 1 }, { version: 1 }]);
    expect(at.loads()).toBe(1);
    expect(at.peek()).toEqual({ version: 1 });
  });

  it('each key is loaded separately', async () => {
    const at = setUp();
    const both = Promise.all([at.get('a'), at.get('b')]);
    at.answer(1);
    at.answer(2);
    expect(await both).toEqual([{ version: 1 }, { version: 2 }]);
  });

  it('a failed load is not remembered, and the next get loads again', async () => {
    const at = setUp();
    const first = Promise.all([at.get(), at.get()]);
    at.fail(new Error('no database'));
    await expect(first).rejects.toThrow('no database');
    const second = at.get();
    at.answer(1);
    expect(await second).toEqual({ version: 1 });
  });
});

describe('events', () => {
  it('an event removes exactly the entries with its tag', async () => {
    const at = await known();
    const other = at.get('other');
    at.answer(2, ['user:2', 'organization:1']);
    await other;
    at.announce('user:1');
    expect(at.peek()).toBeUndefined();
    expect(at.peek('other')).toEqual({ version: 2 });
    at.announce('organization:1');
    expect(at.peek('other')).toBeUndefined();
    expect(at.cache.size).toBe(0);
  });

  it('an event during a load makes the cache load the value again', async () => {
    const at = setUp();
    const value = at.get();
    at.announce('user:1');
    at.answer(1);
    await at.settle();
    at.answer(2);
    expect(await value).toEqual({ version: 2 });
    expect(at.peek()).toEqual({ version: 2 });
  });

  it('an event of another tag during a load changes nothing', async () => {
    const at = setUp();
    const value = at.get();
    at.announce('user:2');
    at.answer(1);
    expect(await value).toEqual({ version: 1 });
    expect(at.loads()).toBe(1);
  });

  it('a value whose every load is followed by an event is returned but not cached', async () => {
    const at = setUp();
    const value = at.get();
    for (let version = 1; version <= 3; version++) {
      at.announce('user:1');
      at.answer(version);
      await at.settle();
    }
    expect(await value).toEqual({ version: 3 });
    expect(at.peek()).toBeUndefined();
  });

  it('an event during a refresh removes the old value immediately', async () => {
    const at = await known();
    at.pass(25_000);
    expect(at.peek()).toEqual({ version: 1 });
    at.announce('user:1');
    expect(at.peek()).toBeUndefined();
    at.answer(2);
    await at.settle();
    at.answer(3);
    await at.settle();
    expect(at.peek()).toEqual({ version: 3 });
  });

  it('an event of a tag that the value lost leaves it cached', async () => {
    const at = await known();
    at.announce('user:1');
    const again = at.get();
    at.answer(2, ['user:2']);
    await again;
    at.announce('user:1');
    expect(at.peek()).toEqual({ version: 2 });
  });

  it('a resync empties the cache and reloads running loads', async () => {
    const at = await known();
    const loading = at.get('other');
    at.events.resync();
    at.answer(1);
    await at.settle();
    at.answer(2);
    expect(await loading).toEqual({ version: 2 });
    expect(at.peek()).toBeUndefined();
  });
});

describe('a cached value', () => {
  it('a cached value is refreshed once in the background before it expires', async () => {
    const at = await known();
    at.pass(23_999);
    expect(at.peek()).toEqual({ version: 1 });
    expect(at.loads()).toBe(1);
    at.pass(1);
    expect([at.peek(), at.peek(), at.peek()]).toEqual([{ version: 1 }, { version: 1 }, { version: 1 }]);
    expect(at.loads()).toBe(2);
    at.answer(2);
    await at.settle();
    expect(at.peek()).toEqual({ version: 2 });
    at.pass(20_000);
    expect(at.peek()).toEqual({ version: 2 });
    expect(at.loads()).toBe(2);
  });

  it('a cached value expires after thirty seconds', async () => {
    const at = await known();
    at.pass(30_000);
    expect(at.peek()).toBeUndefined();
    const again = at.get();
    at.answer(2);
    expect(await again).toEqual({ version: 2 });
  });

  it('a cached value survives a failed refresh, which is retried', async () => {
    const at = await known();
    at.pass(24_000);
    at.peek();
    at.fail(new Error('no database'));
    await at.settle();
    expect(at.peek()).toEqual({ version: 1 });
    expect(at.loads()).toBe(3);
  });

  it('a cached value is removed when its refresh is refused', async () => {
    const at = await known();
    at.pass(24_000);
    at.peek();
    at.fail(new Refusal());
    await at.settle();
    expect(at.peek()).toBeUndefined();
  });

  it('the least recently used value is evicted when the cache is full', async () => {
    const at = setUp({ max: 2 });
    for (const key of ['a', 'b', 'c']) {
      if (key === 'c') at.peek('a');
      const value = at.get(key);
      at.answer(1, [`user:${key}`]);
      await value;
    }
    expect(['a', 'b', 'c'].map((key) => at.peek(key))).toEqual([{ version: 1 }, undefined, { version: 1 }]);
  });
});

describe('a refusal', () => {
  const refused = async () => {
    const at = setUp();
    const first = at.get();
    at.fail(new Refusal('unknown'));
    await expect(first).rejects.toThrow('unknown');
    return at;
  };

  it('a refusal is cached for five seconds', async () => {
    const at = await refused();
    at.pass(4_900);
    await expect(at.get()).rejects.toThrow('unknown');
    expect(at.loads()).toBe(1);
    at.pass(200);
    const again = at.get();
    at.answer(1);
    expect(await again).toEqual({ version: 1 });
  });

  it('any event removes a cached refusal', async () => {
    const at = await refused();
    at.announce('virtual-key:new');
    const again = at.get();
    at.answer(1);
    expect(await again).toEqual({ version: 1 });
  });

  it('a refusal is not cached if an event came during its load', async () => {
    const at = setUp();
    const first = at.get();
    at.announce('virtual-key:new');
    at.fail(new Refusal('unknown'));
    await expect(first).rejects.toThrow('unknown');
    const again = at.get();
    at.answer(1);
    expect(await again).toEqual({ version: 1 });
  });
});

describe('a silent bus', () => {
  it('each get loads from the source while the bus is silent', async () => {
    const at = await known();
    at.clock.advance(2_000);
    expect(at.peek()).toBeUndefined();
    for (const version of [2, 3]) {
      const value = at.get();
      at.answer(version);
      expect(await value).toEqual({ version });
    }
    at.events.recordContact();
    expect(at.peek()).toEqual({ version: 3 });
  });

  it('an outage fails a get when staleSeconds is 0', async () => {
    const at = await known({ staleSeconds: 0 });
    at.clock.advance(2_000);
    const value = at.get();
    at.fail(new Error('no database'));
    await expect(value).rejects.toThrow('no database');
  });

  it('an outage is bridged by stale values for staleSeconds since the last bus contact', async () => {
    const at = await known({ staleSeconds: 60 });
    for (const milliseconds of [2_000, 57_999]) {
      at.clock.advance(milliseconds);
      const value = at.get();
      at.fail(new Error('no database'));
      expect(await value).toEqual({ version: 1 });
    }
    at.clock.advance(1);
    const value = at.get();
    at.fail(new Error('no database'));
    await expect(value).rejects.toThrow('no database');
  });

  it('a refusal is never replaced by a stale value', async () => {
    const at = await known({ staleSeconds: 60 });
    at.clock.advance(2_000);
    const value = at.get();
    at.fail(new Refusal('revoked'));
    await expect(value).rejects.toThrow('revoked');
    const next = at.get();
    at.fail(new Error('no database'));
    await expect(next).rejects.toThrow('no database');
  });

  it('a cache in one process does not depend on bus contact', async () => {
    const at = await known({}, 'in-process');
    at.clock.advance(10_000);
    expect(at.peek()).toEqual({ version: 1 });
  });
});

describe('an expired entry during a database outage', () => {
  const outage = () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

  it('an expired entry is returned during an outage if staleSeconds allows it', async () => {
    const at = await known({ staleSeconds: 60 });
    at.pass(40_000);
    const stale = at.get();
    at.fail(outage());
    expect(await stale).toEqual({ version: 1 });
  });

  it('an expired entry is not returned without staleSeconds, for other failures or after a refusal', async () => {
    const strict = await known();
    strict.pass(40_000);
    const refused = strict.get();
    strict.fail(outage());
    await expect(refused).rejects.toThrow('connect');
    for (const error of [new Error('the identity provider is away'), new Refusal('no')]) {
      const at = await known({ staleSeconds: 60 });
      at.pass(40_000);
      const failing = at.get();
      at.fail(error);
      await expect(failing).rejects.toBe(error);
    }
  });
});

describe.each([5 * 3_600_000, -5 * 3_600_000])('a jump of the wall clock by %d ms', (jumpMs) => {
  it(`a clock jump of ${jumpMs} ms changes neither the age of entries nor trust in the bus`, async () => {
    const at = await known();
    at.clock.jumpedMs = jumpMs;
    expect(at.events.isTrusted).toBe(true);
    expect(at.peek()).toEqual({ version: 1 });
    expect(at.loads()).toBe(1);
    at.pass(24_000);
    expect(at.peek()).toEqual({ version: 1 });
    expect(at.loads()).toBe(2);
    at.pass(6_000);
    expect(at.peek()).toBeUndefined();
  });

  it(`a clock jump of ${jumpMs} ms does not change how long a stale entry is used`, async () => {
    const at = await known({ staleSeconds: 60 });
    at.clock.advance(59_000);
    at.clock.jumpedMs = jumpMs;
    const stale = at.get();
    at.fail(new Error('no database'));
    expect(await stale).toEqual({ version: 1 });
    at.clock.advance(1_000);
    const tooOld = at.get();
    at.fail(new Error('no database'));
    await expect(tooOld).rejects.toThrow('no database');
  });
});
