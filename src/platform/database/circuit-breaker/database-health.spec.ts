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

describe('the health of the database', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is not doubted without a reason, and a doubt that is unfounded changes nothing', async () => {
    const { world, health, pass } = setUp();
    await pass(60_000);
    expect(world.probes).toBe(0);
    for (let i = 0; i < 100; i++) health.doubt();
    await pass(1_000);
    expect(world).toMatchObject({ probes: 1, changes: [] });
    expect(health.isAvailable).toBe(true);
  });

  it('is lost when two probes find nobody, and found again by one probe a second', async () => {
    const { world, health, pass } = setUp();
    world.isThere = false;
    health.doubt();
    await pass(10);
    expect(health.isAvailable).toBe(true);
    await pass(10);
    expect(health.isAvailable).toBe(false);
    expect(health.cause).toBe(AWAY);
    const before = world.probes;
    for (let i = 0; i < 1_000; i++) health.doubt();
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

  it('is not lost while anything comes from it: a busy database is late, not away', async () => {
    const { world, health, pass } = setUp();
    world.isThere = false;
    health.doubt();
    await pass(5);
    health.recordContact();
    await pass(1_000);
    expect(health.isAvailable).toBe(true);
    expect(world.changes).toEqual([]);
  });

  it('is not asked about again and again for a query that takes long', async () => {
    const { world, health, pass } = setUp();
    for (let i = 0; i < 40; i++) {
      health.suspect();
      await pass(250);
    }
    expect(world.probes).toBeLessThanOrEqual(5);
    expect(world.probes).toBeGreaterThanOrEqual(3);
  });

  it('is not looked at any more once it is closed', async () => {
    const { world, health, pass } = setUp();
    world.isThere = false;
    health.doubt();
    await pass(100);
    health.close();
    const before = world.probes;
    await pass(60_000);
    expect(world.probes).toBe(before);
  });
});
