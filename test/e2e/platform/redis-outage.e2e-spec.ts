/**
 * Redis is unavailable in every possible way: surfaces that need it respond 503 in their own format, all others work,
 * and no response takes long.
 */
import { startStage, type Stage } from '../../support/gateway/stage.js';
import { faultOf, surfacesOf, type Surface } from '../../support/faults/surfaces.js';
import { BREAKS, TcpRelay } from '../../support/faults/tcp-relay.js';
import { eventually } from '../../support/http/wire-client.js';

const describeOnRedis = process.env.TEST_REDIS_URL && process.env.TEST_DATABASE_URL ? describe : describe.skip;

/** Generous: commands end after a second. */
const MOST_MS = 15_000;
/** Surfaces that count attempts or enforce a limit: they must not continue uncounted. */
const NEEDS_REDIS = ['POST device', 'POST register', 'route openai', 'router chat'];

describeOnRedis('a Redis outage', () => {
  let relay: TcpRelay;
  let stage: Stage;
  let surfaces: Surface[];

  beforeAll(async () => {
    const way = await TcpRelay.before(process.env.TEST_REDIS_URL!, 6379);
    relay = way.relay;
    stage = await startStage({ REDIS_URL: way.url });
    surfaces = await surfacesOf(stage);
    await stage.gateway.admin.create('/api/limits', {
      entityType: 'organization',
      entityId: stage.organizationId,
      limitType: 'requests',
      limitValue: 1_000_000,
      window: '1d',
    });
  }, 120_000);
  afterAll(async () => {
    await relay?.mend();
    await stage?.close();
    await relay?.close();
  }, 60_000);

  it.each(BREAKS)(
    'no surface returns 500 or an uncounted response during the outage: %s',
    async (how) => {
      const before = new Map<string, number>();
      await Promise.all(surfaces.map(async ({ name, call }) => void before.set(name, (await call()).status)));
      await relay.break(how);
      try {
        for (const when of ['first', 'later']) {
          const faults: Record<string, string> = {};
          const unavailable = new Set<string>();
          await Promise.all(
            surfaces.map(async ({ name, shape, call }) => {
              const startedAt = performance.now();
              const answer = await call();
              const ms = Math.round(performance.now() - startedAt);
              if (answer.status === 503) unavailable.add(name);
              const isAsBefore = answer.status === before.get(name) || (answer.status < 500 && answer.status !== 401);
              const fault = (isAsBefore ? null : faultOf(shape, answer)) ?? (ms > MOST_MS ? `after ${ms} ms` : null);
              if (fault) faults[name] = fault;
            }),
          );
          expect({ when, faults }).toEqual({ when, faults: {} });
          expect(NEEDS_REDIS.filter((name) => !unavailable.has(name))).toEqual([]);
        }
        expect((await fetch(`${stage.gateway.url}/readyz`)).status).toBe(503);
      } finally {
        await relay.mend();
      }
      await eventually(
        async () => (await fetch(`${stage.gateway.url}/readyz`)).status === 200,
        'Redis to be back',
        MOST_MS,
      );
      const again = await surfaces.find(({ name }) => name === 'route openai')!.call();
      expect(again.status).toBe(before.get('route openai'));
    },
    120_000,
  );
});
