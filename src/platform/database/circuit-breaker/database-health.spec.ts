import { jest } from '@jest/globals';
import { DatabaseHealth, type DatabaseState } from './database-health.js';

const AWAY = new Error('nobody there');

/** A database that the test takes away; each probe takes `probeMs`. */
function setUp() {
  const world = { isThere: true, probeMs: 10, probes: 0, atOnce: 0, mostAtOnce: 0, changes: [] as DatabaseState[] };
  const health = new DatabaseHealth({
    probe: async () => {
      world.probes++;
      world.mostAtOnce = Math.max(world.mostAtOnce, ++world.atOnce);
      await new Promise((resolve) => setTimeout(resolve, world.probeMs));
      world.atOnce--;
      if (!world.isThere) throw AWAY;
    },
    onChange: (state) => void world.changes.push(state),
  });
  return { world, health, pass: (ms: number) => jest.advanceTimersByTimeAsync(ms) };
}

describe('database health', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('no probe runs without a doubt, and an unfounded doubt changes nothing', async () => {
    const { world, health, pass } = setUp();
    await pass(60_000);
    expect(world.probes).toBe(0);
    for (let i = 0; i < 100; i++) health.startProbe();
    await pass(1_000);
    expect(world).toMatchObject({ probes: 1, changes: [] });
    expect(health.isAvailable).toBe(true);
  });

  it('two failed probes make the database unavailable, and one probe per second finds it again', async () => {
    const { world, health, pass } = setUp();
    world.isThere = false;
    health.startProbe();
    await pass(10);
    expect(health.isAvailable).toBe(true);
    await pass(10);
    expect(health.isAvailable).toBe(false);
    expect(health.cause).toBe(AWAY);
    const before = world.probes;
    for (let i = 0; i < 1_000; i++) health.startProbe();
    await pass(10_200);
    expect(world.probes - before).toBeGreaterThanOrEqual(9);
    expect(world.probes - before).toBeLessThanOrEqual(10);
    expect(world.mostAtOnce).toBe(1);
    world.isThere = true;
    await pass(1_100);
    expect(health.isAvailable).toBe(true);
    expect(world.changes).toEqual(['unavailable', 'available']);
    await pass(60_000);
    expect(health.isAvailable).toBe(true);
  });

  it('contact with the database during a doubt keeps it available', async () => {
    const { world, health, pass } = setUp();
    world.isThere = false;
    health.startProbe();
    await pass(5);
    health.recordContact();
    await pass(1_000);
    expect(health.isAvailable).toBe(true);
    expect(world.changes).toEqual([]);
  });

  it('a query of ten seconds causes at most five probes', async () => {
    const { world, health, pass } = setUp();
    for (let i = 0; i < 40; i++) {
      health.probeUnlessRecent();
      await pass(250);
    }
    expect(world.probes).toBeLessThanOrEqual(5);
    expect(world.probes).toBeGreaterThanOrEqual(3);
  });

  it('no probe runs after close', async () => {
    const { world, health, pass } = setUp();
    world.isThere = false;
    health.startProbe();
    await pass(100);
    health.close();
    const before = world.probes;
    await pass(60_000);
    expect(world.probes).toBe(before);
  });
});
