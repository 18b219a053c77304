/** The tables of records: one per day, created in advance, dropped in time, and without loss on the way into them. */
import { randomBytes } from 'node:crypto';
import { ENTITIES } from '../../../src/app/entities.js';
import { loadConfig } from '../../../src/platform/config/app-config.js';
import { openDatabase, type OpenedDatabase } from '../../../src/platform/database/data-source.js';
import { createId, type OrgId } from '../../../src/platform/ids.js';
import { INSERT_INTERACTIONS, toJsonBatch, toJsonRow } from '../../../src/usage/recording/interaction-insert.js';
import { InteractionRetention } from '../../../src/usage/interactions/retention.js';
import type { Json } from '../../support/http/admin-client.js';
import { callRecord } from '../../support/gateway/call-record.js';
import { testDatabase, type TestDatabase } from '../../support/gateway/databases.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { castOf, sql, type Cast } from '../../support/gateway/people.js';

const DAY_MS = 86_400_000;
const tableOf = (at: number): string => `interaction_${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}`;

describe('daily partitions of interactions', () => {
  let gateway: TestGateway;
  let cast: Cast;
  let keeping: InteractionRetention;

  beforeAll(async () => {
    gateway = await startGateway({ INTERACTION_RETENTION_DAYS: '10' });
    cast = await castOf(gateway);
    keeping = gateway.app.nest.get(InteractionRetention, { strict: false });
    await keeping.maintain();
  });
  afterAll(() => gateway.close());
  afterEach(() => (gateway.clock.offsetMs = 0));

  async function insert(...times: number[]): Promise<string[]> {
    const records = times.map((createdAt) => callRecord({ createdAt, organizationId: cast.organizationId as OrgId }));
    await sql(gateway, INSERT_INTERACTIONS, [toJsonBatch(records.map(toJsonRow))]);
    return records.map(({ id }) => id);
  }
  const placeOf = async (id: string): Promise<string | undefined> =>
    (
      await sql<{ place: string }>(gateway, 'SELECT tableoid::regclass::text AS place FROM interaction WHERE id = $1', [
        id,
      ])
    )[0]?.place;
  const tables = async (): Promise<string[]> =>
    (
      await sql<{ name: string }>(
        gateway,
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'interaction'::regclass ORDER BY 1",
      )
    ).map(({ name }) => name);
  const get = (id: string) => cast.owner.client.get(`/api/interactions/${id}`);

  it('daily partitions exist for yesterday, today and the next two days', async () => {
    const now = Date.now();
    const around = [-1, 0, 1, 2].map((days) => tableOf(now + days * DAY_MS));
    expect(await tables()).toEqual([...around, 'interaction_default']);
    const [today] = await insert(now);
    expect(await placeOf(today!)).toBe(tableOf(now));
  });

  it('a missing daily partition is created and takes its records out of the default partition', async () => {
    const at = Date.now() - 5 * DAY_MS;
    const [first, second, other] = await insert(at, at + 1, at - DAY_MS);
    expect(await placeOf(first!)).toBe('interaction_default');
    await keeping.maintain();
    expect([await placeOf(first!), await placeOf(second!)]).toEqual([tableOf(at), tableOf(at)]);
    expect(await placeOf(other!)).toBe(tableOf(at - DAY_MS));
    expect((await get(first!)).status).toBe(200);
  });

  it('a partition and waiting records are dropped after INTERACTION_RETENTION_DAYS', async () => {
    const now = Date.now();
    const [oldest, kept, waiting] = await insert(now - 9 * DAY_MS, now, now - 30 * DAY_MS);
    await keeping.maintain();
    expect(await placeOf(oldest!)).toBe(tableOf(now - 9 * DAY_MS));
    expect((await get(waiting!)).status).toBe(404);
    gateway.clock.advance(2 * DAY_MS);
    await keeping.maintain();
    expect(await tables()).not.toContain(tableOf(now - 9 * DAY_MS));
    expect([(await get(oldest!)).status, (await get(kept!)).status]).toEqual([404, 200]);
    expect(await tables()).toContain(tableOf(now + 4 * DAY_MS));
    const { totals } = (await cast.owner.client.get('/api/statistics/overview?timeframe=90d')).body;
    expect(totals.requests).toBeGreaterThan(2);
  });

  it('maintenance is skipped while another process runs it', async () => {
    const runner = gateway.resources.database.dataSource.createQueryRunner();
    if (gateway.resources.database.pglite) return runner.release(); // one session: no other process can exist
    await runner.query('SELECT pg_advisory_lock(4739311)');
    gateway.clock.advance(30 * DAY_MS);
    const before = await tables();
    await keeping.maintain();
    expect(await tables()).toEqual(before);
    await runner.query('SELECT pg_advisory_unlock(4739311)');
    await runner.release();
    await Promise.all([keeping.maintain(), keeping.maintain()]);
    await keeping.maintain();
    expect(await tables()).toContain(tableOf(Date.now() + 31 * DAY_MS));
  });

  it('minute and hour counters are deleted with age and day counters are kept', async () => {
    const steps = async (): Promise<string[]> =>
      (
        await sql<{ step: string }>(
          gateway,
          'SELECT DISTINCT step FROM usage_rollup WHERE organization_id = $1 ORDER BY 1',
          [cast.organizationId],
        )
      ).map(({ step }) => step);
    await insert(Date.now());
    expect(await steps()).toEqual(['day', 'hour', 'minute']);
    gateway.clock.advance(3 * DAY_MS);
    await keeping.maintain();
    expect(await steps()).toEqual(['day', 'hour']);
    gateway.clock.advance(100 * DAY_MS);
    await keeping.maintain();
    expect(await steps()).toEqual(['day']);
  });

  it('the cursor of interactions pages across partitions and records of the same instant', async () => {
    const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    await sql(gateway, 'DELETE FROM interaction');
    const made = await insert(midnight - 1, midnight - 1, midnight - 1, midnight, midnight, midnight + 1);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Json = await cast.owner.client.get(`/api/interactions?limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.body.data.map((row: Json) => row.id));
      cursor = page.body.nextCursor;
    }
    expect([...seen].sort()).toEqual([...made].sort());
    expect([seen[0], new Set(seen.slice(1, 3)), new Set(seen.slice(3))]).toEqual([
      made[5],
      new Set(made.slice(3, 5)),
      new Set(made.slice(0, 3)),
    ]);
  });

  it('a cursor of another resource gets 400', async () => {
    for (const text of [createId(), `x.${createId()}`, `1.${'z'.repeat(36)}`]) {
      const cursor = Buffer.from(text).toString('base64url');
      expect((await cast.owner.client.get(`/api/interactions?cursor=${cursor}`)).status).toBe(400);
    }
  });
});

describe('the migration to daily partitions', () => {
  let database: TestDatabase;
  let opened: OpenedDatabase;
  const ENCRYPTION_KEYS = randomBytes(32).toString('base64');
  const MIGRATION = 'InteractionPartitions1764520000000';

  beforeAll(async () => {
    database = await testDatabase();
    const config = loadConfig({ ENCRYPTION_KEYS, ...(database.url ? { DATABASE_URL: database.url } : {}) });
    opened = await openDatabase(config, ENTITIES, { embedded: database.embedded });
  });
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });

  it('the migration moves records into daily partitions, and its reversal restores them', async () => {
    const { dataSource } = opened;
    const last = async (): Promise<string> =>
      (await dataSource.query<{ name: string }[]>('SELECT name FROM schema_migration ORDER BY id DESC LIMIT 1'))[0]!
        .name;
    while ((await last()) !== MIGRATION) await dataSource.undoLastMigration({ transaction: 'each' });
    await dataSource.undoLastMigration({ transaction: 'each' });
    const times = [
      '2026-01-31T23:59:59.999Z',
      '2026-02-01T00:00:00Z',
      '2026-02-01T12:00:00.123Z',
      '2026-07-01T00:00:00Z',
    ];
    for (const at of times)
      await dataSource.query(
        `INSERT INTO interaction (id, organisation_id, created_at, request_id, surface, method, path, duration_ms, status, outcome, attempts)
         VALUES ($1, $2, $3, 'r', 'provider-route', 'POST', 'chat/completions', 1.5, 200, 'success', '[{"model": "a:b"}]')`,
        [createId(), createId(), at],
      );
    const rows = () => dataSource.query<Json[]>('SELECT * FROM interaction ORDER BY created_at');
    const before = await rows();
    await dataSource.runMigrations({ transaction: 'each' });
    const places = await dataSource.query<Json[]>(
      'SELECT tableoid::regclass::text AS place, count(*)::int AS count FROM interaction GROUP BY 1 ORDER BY 1',
    );
    expect(places).toEqual([
      { place: 'interaction_20260131', count: 1 },
      { place: 'interaction_20260201', count: 2 },
      { place: 'interaction_20260701', count: 1 },
    ]);
    // A later migration renames the column.
    const renamed = before.map(({ organisation_id, ...row }) => ({ ...row, organization_id: organisation_id }));
    expect(await rows()).toMatchObject(renamed);
    while ((await last()) !== MIGRATION) await dataSource.undoLastMigration({ transaction: 'each' });
    await dataSource.undoLastMigration({ transaction: 'each' });
    expect(await rows()).toEqual(before);
  });
});
