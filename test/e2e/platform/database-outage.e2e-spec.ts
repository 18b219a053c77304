/**
 * An unavailable database causes 503 on every surface, for every kind of outage, from the first moment on and without a
 * long wait.
 */
import { AuthEvents } from '../../../src/platform/events/auth-events.js';
import { testDatabase, type TestDatabase } from '../../support/gateway/databases.js';
import { startStage, type Stage } from '../../support/gateway/stage.js';
import { faultOf, surfacesOf, type Surface } from '../../support/faults/surfaces.js';
import { BREAKS, TcpRelay, type Break } from '../../support/faults/tcp-relay.js';
import { eventually } from '../../support/http/wire-client.js';

const describeOnPostgres = process.env.TEST_DATABASE_URL ? describe : describe.skip;

/**
 * The maximum for every response. Generous for a busy machine: it excludes the 21 s of a connection without a response.
 */
const MOST_MS = 15_000;
const PATIENCE_MS = 30_000;

const WHEN = ['first', 'later'] as const;

describeOnPostgres.each([
  ['no STALE_AUTH_SECONDS', ''],
  ['STALE_AUTH_SECONDS', '3600'],
])('a database outage with %s', (setting, staleSeconds) => {
  let database: TestDatabase;
  let relay: TcpRelay;
  let stage: Stage;
  let surfaces: Surface[];
  let events: AuthEvents;

  beforeAll(async () => {
    database = await testDatabase();
    const way = await TcpRelay.before(database.url!, 5432);
    relay = way.relay;
    stage = await startStage({ DATABASE_URL: way.url, STALE_AUTH_SECONDS: staleSeconds });
    events = stage.gateway.app.nest.get(AuthEvents);
    surfaces = await surfacesOf(stage);
  }, 120_000);
  afterAll(async () => {
    await relay?.mend();
    await stage?.close();
    await relay?.close();
    await database?.drop();
  }, 60_000);

  const isKnownToBeAway = (): boolean => !stage.gateway.resources.database.health.isAvailable && !events.isTrusted;
  const isBack = async (): Promise<boolean> =>
    stage.gateway.resources.database.health.isAvailable &&
    events.isTrusted &&
    (await fetch(`${stage.gateway.url}/readyz`)).status === 200;

  /** Makes all calls simultaneously. `isFine`: responses accepted in place of a 503. Returns the failures, by name. */
  async function faultsOf(isFine: (surface: Surface, status: number) => boolean): Promise<Record<string, string>> {
    const faults: Record<string, string> = {};
    await Promise.all(
      surfaces.map(async (surface) => {
        const startedAt = performance.now();
        const answer = await surface.call();
        const ms = Math.round(performance.now() - startedAt);
        const isStatic = surface.kind === 'static' && answer.status === 200;
        const isRight = isStatic || isFine(surface, answer.status);
        const fault = (isRight ? null : faultOf(surface.shape, answer)) ?? (ms > MOST_MS ? `after ${ms} ms` : null);
        if (fault) faults[surface.name] = fault;
      }),
    );
    return faults;
  }

  async function whileAway(how: Break, job: (when: (typeof WHEN)[number]) => Promise<void>): Promise<void> {
    await relay.break(how);
    try {
      for (const when of WHEN) {
        if (when === 'later') await eventually(isKnownToBeAway, 'the outage to be known', PATIENCE_MS);
        await job(when);
      }
    } finally {
      await relay.mend();
      await eventually(isBack, 'the database to be back', PATIENCE_MS);
    }
  }

  describe.each(BREAKS)('the outage %s', (how) => {
    it(`with ${setting}, every surface returns 503 to unknown callers during the outage: ${how}`, async () => {
      events.resync(); // no caller is cached
      await whileAway(how, async (when) => {
        expect({ when, faults: await faultsOf(() => false) }).toEqual({ when, faults: {} });
      });
      expect((await surfaces.find(({ name }) => name === 'route openai')!.call()).status).toBe(200);
    }, 120_000);

    it(`with ${setting}, known callers get 503 wherever more than the caller is needed: ${how}`, async () => {
      const before = new Map<string, number>();
      await Promise.all(surfaces.map(async ({ name, call }) => void before.set(name, (await call()).status)));
      await whileAway(how, async (when) => {
        const isBelieved = when === 'first' || staleSeconds !== '';
        const faults = await faultsOf(({ name, kind }, status) => {
          const isAsBefore = status === before.get(name);
          return isAsBefore && (status === 400 || (kind === 'llm' && isBelieved));
        });
        expect({ when, faults }).toEqual({ when, faults: {} });
      });
    }, 120_000);

    if (staleSeconds !== '')
      it(`with ${setting}, LLM calls of known callers continue without delay: ${how}`, async () => {
        const llm = surfaces.filter(({ kind }) => kind === 'llm');
        const statuses = () => Promise.all(llm.map(async ({ name, call }) => [name, (await call()).status] as const));
        const before = await statuses();
        expect(before.filter(([, status]) => status !== 200).map(([name]) => name)).toEqual(['route bedrock']);
        await whileAway(how, async (when) => {
          if (when === 'first') return;
          const startedAt = performance.now();
          for (let round = 0; round < 5; round++) expect(await statuses()).toEqual(before);
          expect(performance.now() - startedAt).toBeLessThan(MOST_MS);
        });
      }, 120_000);
  });
});
