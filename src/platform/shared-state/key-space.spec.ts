import { Clock } from '../time/clock.js';
import { KeySpace } from './key-space.js';

class TestClock extends Clock {
  at = 1_000_000;
  /** How far the wall clock was put ahead of the time that has passed. */
  jumpedMs = 0;
  override now(): number {
    return this.at + this.jumpedMs;
  }
  override monotonicNow(): number {
    return this.at;
  }
}

function space(maxBytes = 1_000_000) {
  const clock = new TestClock();
  return { clock, space: new KeySpace(clock, maxBytes) };
}

describe('the memory limit', () => {
  it('the key space stays within its memory limit for any number of keys', () => {
    const { space: keys } = space(50_000);
    for (let i = 0; i < 5_000; i++) keys.set(`key-${i}`, 'x'.repeat(50), 60_000);
    expect(keys.bytes).toBeLessThanOrEqual(50_000);
    expect(keys.size).toBeGreaterThan(150);
    expect(keys.evictions).toBe(5_000 - keys.size);
  });

  it('short-lived keys are evicted before long-lived ones', () => {
    const { space: keys } = space(50_000);
    for (let i = 0; i < 50; i++) keys.incrementBy(`budget-${i}`, 1, 86_400_000);
    for (let i = 0; i < 5_000; i++) keys.incrementBy(`failure-${i}`, 1, 60_000);
    const kept = Array.from({ length: 50 }, (_, i) => keys.get(`budget-${i}`)).filter((value) => value !== null);
    expect(kept).toHaveLength(50);
  });

  it('freed memory is subtracted from the byte count', () => {
    const { space: keys, clock } = space();
    keys.set('a', 'x', 1_000);
    keys.incrementBy('b', 99, 1_000);
    keys.incrementBy('b', 1, 1_000);
    keys.hashSet('c', 'f', 'value', 1_000);
    keys.hashSet('c', 'f', 'v', 1_000);
    keys.hashSet('c', 'g', 'v', 1_000);
    keys.hashDelete('c', 'f');
    keys.delete('a');
    keys.hashDelete('c', 'g');
    clock.at += 1_000;
    keys.sweep(10);
    expect([keys.size, keys.bytes, keys.evictions]).toEqual([0, 0, 0]);
  });
});

describe('sweeping', () => {
  it('a sweep continues where the last one stopped and keeps living keys', () => {
    const { space: keys, clock } = space();
    for (let i = 0; i < 100; i++) keys.set(`key-${i}`, 'x', i % 2 === 0 ? 1_000 : 2_000);
    clock.at += 1_000;
    for (let turn = 0; turn < 4; turn++) keys.sweep(25);
    expect(keys.size).toBe(50);
    expect(keys.get('key-1')).toBe('x');
  });
});

describe('hashes', () => {
  it('a hash keeps its first expiry until expire sets a new one', () => {
    const { space: keys, clock } = space();
    keys.hashSet('h', 'a', '1', 1_000);
    clock.at += 500;
    expect(keys.hashIncrementBy('h', 'a', 2, 1_000)).toBe(3);
    expect(keys.getTtl('h')).toBe(500);
    expect(keys.expire('h', 5_000)).toBe(true);
    clock.at += 1_000;
    keys.hashSet('h', 'b', 'x', 1_000);
    expect(keys.hashEntries('h')).toEqual([
      ['a', '3'],
      ['b', 'x'],
    ]);
    clock.at += 4_000;
    expect(keys.hashEntries('h')).toEqual([]);
    expect(keys.expire('h', 1)).toBe(false);
  });
});

it('the key space refuses to increment other values than safe integers and to mix kinds', () => {
  const { space: keys } = space();
  keys.set('text', 'abc', 1_000);
  keys.hashSet('hash', 'a', '1', 1_000);
  expect(() => keys.incrementBy('text', 1, 1_000)).toThrow(RangeError);
  expect(() => keys.incrementBy('n', 0.5, 1_000)).toThrow(RangeError);
  expect(() => keys.incrementBy('n', Number.MAX_SAFE_INTEGER + 1, 1_000)).toThrow(RangeError);
  expect(() => keys.get('hash')).toThrow(TypeError);
  expect(() => keys.hashGet('text', 'a')).toThrow(TypeError);
});

describe.each([5 * 3_600_000, -5 * 3_600_000])('a jump of the wall clock by %d ms', (jumpMs) => {
  it(`a clock jump of ${jumpMs} ms does not change the life of keys`, () => {
    const { space: keys, clock } = space();
    keys.incrementBy('k', 1, 60_000);
    clock.jumpedMs = jumpMs;
    expect(keys.getTtl('k')).toBe(60_000);
    clock.at += 59_999;
    expect(keys.get('k')).toBe('1');
    clock.at += 1;
    expect(keys.get('k')).toBeNull();
  });
});
