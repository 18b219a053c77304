import { Clock } from '../../platform/time/clock.js';
import type { ProviderKeyId } from '../../platform/ids.js';
import { TargetCooldown, type CooldownKey } from './target-cooldown.js';

class StillClock extends Clock {
  at = 1_000_000;
  /** Milliseconds by which the wall clock was moved ahead of the elapsed time. */
  jumpedMs = 0;
  override now(): number {
    return this.at + this.jumpedMs;
  }
  override monotonicNow(): number {
    return this.at;
  }
}

const place = (model: string, key = 'k1'): CooldownKey => ({
  provider: 'groq',
  model,
  providerKeyId: key as ProviderKeyId,
});
const [a, b] = [place('a'), place('b')];

let clock: StillClock;
let held: TargetCooldown;
beforeEach(() => {
  clock = new StillClock();
  held = new TargetCooldown(clock);
});

const fails = (which: CooldownKey, asked: number | null = null): void =>
  held.recordFailure(which, held.failureCount, asked);
const heldFor = (which: CooldownKey): number => (held.getCooldownEnd(which) ?? clock.at) - clock.at;

describe('a failed target', () => {
  it('a failed target is tried last for one second, doubling up to thirty seconds', () => {
    expect(held.orderCoolingLast([a, b], (each) => each)).toEqual([a, b]);
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      fails(a);
      waits.push(heldFor(a));
      expect(held.orderCoolingLast([a, b], (each) => each)).toEqual([b, a]);
      clock.at += heldFor(a);
      expect(held.orderCoolingLast([a, b], (each) => each)).toEqual([a, b]);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it.each([
    [7, 7_000],
    [0.5, 500],
    [86_400, 60_000],
    [0, 1_000],
  ])('a failed target cools down for the requested %d s, within a minute', (asked, milliseconds) => {
    fails(a, asked);
    expect(heldFor(a)).toBe(milliseconds);
  });

  it('a later failure does not shorten the cooldown of a target', () => {
    fails(a, 20);
    fails(a);
    expect(heldFor(a)).toBe(20_000);
  });

  it('concurrent failures of a target count once', () => {
    const mark = held.failureCount;
    for (let i = 0; i < 50; i++) held.recordFailure(a, mark, null);
    expect(heldFor(a)).toBe(1_000);
  });

  it('a success ends the cooldown unless its attempt began before the failure', () => {
    const before = held.failureCount;
    fails(a);
    held.recordSuccess(a, before);
    expect(heldFor(a)).toBe(1_000);
    held.recordSuccess(a, held.failureCount);
    expect([heldFor(a), held.isEmpty]).toEqual([0, true]);
  });

  it('the cooldown of a target starts over after eleven minutes without failures', () => {
    for (let i = 0; i < 5; i++) fails(a);
    clock.at += 11 * 60_000;
    fails(a);
    expect(heldFor(a)).toBe(1_000);
  });
});

it('the cooldown of a target does not affect other keys or models', () => {
  fails(a, 30);
  expect([heldFor(place('a', 'k2')), heldFor(b)]).toEqual([0, 0]);
});

it('the order stays if all targets are cooling down, and a target without a key never does', () => {
  fails(b);
  fails(a);
  expect(held.orderCoolingLast([a, b], (each) => each)).toEqual([a, b]);
  held.recordFailure({ ...place('c'), providerKeyId: null }, held.failureCount, null);
  expect(held.getCooldownEnd({ ...place('c'), providerKeyId: null })).toBeNull();
});

it('the cooldown remembers at most ten thousand targets', () => {
  for (let i = 0; i <= 10_000; i++) fails(place(`m${i}`), 60);
  expect([heldFor(place('m0')), heldFor(place('m10000'))]).toEqual([0, 60_000]);
});

describe.each([5 * 3_600_000, -5 * 3_600_000])('a jump of the wall clock by %d ms', (jumpMs) => {
  it(`a clock jump of ${jumpMs} ms changes no cooldown`, () => {
    held.recordFailure(a, held.failureCount, 30);
    clock.jumpedMs = jumpMs;
    expect(held.getCooldownEnd(a)).not.toBeNull();
    clock.at += 30_000;
    expect(held.getCooldownEnd(a)).toBeNull();
  });
});
