/**
 * The hand-written migrations: they create what the entities expect, can be reverted, and are safe to run at any time.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ENTITIES } from '../../src/app/entities.js';
import { loadConfig, type AppConfig } from '../../src/platform/config/app-config.js';
import { openDatabase, type OpenedDatabase } from '../../src/platform/database/data-source.js';
import {
  listMigrationNames,
  readOldestProgram,
  createSqlMigrations,
} from '../../src/platform/database/schema/migrations.js';
import { IncompatibleSchema } from '../../src/platform/database/schema/compatibility.js';
import { isAtLeast, PROGRAM_VERSION } from '../../src/platform/process/program-version.js';

const SERVER = process.env.TEST_DATABASE_URL;
const ENCRYPTION_KEYS = randomBytes(32).toString('base64');

/** The objects of the schema, except those of the migration table. */
const OBJECTS = `
  SELECT kind || ' ' || name AS object FROM (
    SELECT 'relation' AS kind, relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'type', typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
  ) AS found WHERE name NOT LIKE 'schema\\_migration%' AND name NOT LIKE 'PK\\_%' ORDER BY 1`;

const forgetting = (migration: string): string => `DELETE FROM schema_migration WHERE name = '${migration}'`;

async function onServer(sql: string, connectionString = SERVER): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

interface EmptyDatabase {
  open(): Promise<OpenedDatabase>;
  /** Removes a migration from the list while the database is closed. */
  forget(migration: string): Promise<void>;
  drop(): Promise<void>;
}

async function emptyPostgres(): Promise<EmptyDatabase> {
  const name = `gatehouse_migrations_${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER!);
  url.pathname = `/${name}`;
  const config: AppConfig = loadConfig({ DATABASE_URL: url.href, ENCRYPTION_KEYS });
  return {
    open: () => openDatabase(config, ENTITIES),
    forget: (migration) => onServer(forgetting(migration), url.href),
    drop: () => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

const emptyPglite = (): Promise<EmptyDatabase> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-migrations-'));
  return Promise.resolve({
    open: () => openDatabase(loadConfig({ ENCRYPTION_KEYS, DATA_DIR: dataDir }), ENTITIES),
    forget: async (migration) => {
      const pglite = await PGlite.create(join(dataDir, 'pglite'));
      await pglite.exec(forgetting(migration));
      await pglite.close();
    },
    drop: () => Promise.resolve(rmSync(dataDir, { recursive: true, force: true })),
  });
};

const applied = (dataSource: DataSource): Promise<{ name: string }[]> =>
  dataSource.query('SELECT name FROM schema_migration ORDER BY id');

const recorded = (dataSource: DataSource): Promise<{ name: string; oldest: string }[]> =>
  dataSource.query('SELECT name, oldest_program AS oldest FROM schema_migration_compatibility ORDER BY name');

const objectsOf = async (dataSource: DataSource): Promise<string[]> =>
  (await dataSource.query<{ object: string }[]>(OBJECTS)).map(({ object }) => object);

const DIRECTORY = resolve(import.meta.dirname, '../../migrations');
const UP_FILES = readdirSync(DIRECTORY).filter((file) => file.endsWith('.up.sql'));

/** A migration must not exclude the version of the program that introduces it. */
it.each(UP_FILES)('%s states the oldest version that can run after it is applied', (file) => {
  const oldest = readOldestProgram(readFileSync(join(DIRECTORY, file), 'utf8'));
  expect(oldest).toMatch(/^\d+\.\d+\.\d+$/);
  expect(isAtLeast(PROGRAM_VERSION, oldest!)).toBe(true);
});

const KINDS: [string, () => Promise<EmptyDatabase>][] = [['PGlite', emptyPglite]];
if (SERVER) KINDS.push(['PostgreSQL', emptyPostgres]);

describe.each(KINDS)('migrations on an empty %s', (_, make) => {
  let database: EmptyDatabase;
  let opened: OpenedDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await make();
    opened = await database.open();
    dataSource = opened.dataSource;
  }, 60_000);
  afterAll(async () => {
    await opened?.close();
    await database?.drop();
  });

  it('all migrations are applied once in the order of their time', async () => {
    const expected = createSqlMigrations().map((Migration) => new Migration().name);
    expect((await applied(dataSource)).map(({ name }) => name)).toEqual(expected);
  });

  /**
   * Foreign keys are the only difference: entities hold ids and no relations, so TypeORM would drop every foreign key,
   * and nothing else. It ignores tables without an entity (`auth_event`).
   */
  it('the migrations create exactly what the entities describe, and foreign keys', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    const foreignKeys = await dataSource.query<{ drop: string }[]>(`
      SELECT format('ALTER TABLE "%s" DROP CONSTRAINT "%s"', conrelid::regclass, conname) AS drop
      FROM pg_constraint WHERE contype = 'f'`);
    expect(upQueries.map(({ query }) => query).sort()).toEqual(foreignKeys.map(({ drop }) => drop).sort());
    expect(foreignKeys.length).toBeGreaterThan(10);
  });

  /**
   * TypeORM cannot express DESC, so such indexes are defined in the migration only; the entity names them lest they be
   * dropped.
   */
  it('every index that an entity only names exists and needs SQL of its own', async () => {
    const named = dataSource.entityMetadatas
      .flatMap(({ indices }) => indices)
      .flatMap(({ synchronize, name }) => (synchronize ? [] : [name]));
    const made = await dataSource.query<{ name: string; sql: string }[]>(
      `SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'`,
    );
    expect(named.sort()).toEqual(made.flatMap(({ name, sql }) => (/ DESC\b/.test(sql) ? [name] : [])).sort());
  });

  it('applied migrations do nothing when they run again', async () => {
    const before = await objectsOf(dataSource);
    expect(await dataSource.runMigrations({ transaction: 'each' })).toEqual([]);
    expect(await objectsOf(dataSource)).toEqual(before);
    expect(before.length).toBeGreaterThan(40);
  });

  it('every migration records the oldest version that can run', async () => {
    expect((await recorded(dataSource)).map(({ name }) => name)).toEqual(listMigrationNames().sort());
  });

  it('all migrations can be reverted, and applying them again restores the schema', async () => {
    const before = await objectsOf(dataSource);
    const records = await recorded(dataSource);
    const count = (await applied(dataSource)).length;
    for (let i = 0; i < count; i++) await dataSource.undoLastMigration({ transaction: 'each' });
    expect(await objectsOf(dataSource)).toEqual([]);
    expect(await applied(dataSource)).toEqual([]);
    expect(await recorded(dataSource)).toEqual([]);
    await dataSource.runMigrations({ transaction: 'each' });
    expect(await objectsOf(dataSource)).toEqual(before);
    expect(await recorded(dataSource)).toEqual(records);
  });

  /** A migration of a later version of the program. Null: no record of its compatibility. */
  const FUTURE = 'SomethingLater1999000000000';
  async function applyLater(oldestProgram: string | null): Promise<void> {
    await dataSource.query('DELETE FROM schema_migration WHERE name = $1', [FUTURE]);
    await dataSource.query('DELETE FROM schema_migration_compatibility WHERE name = $1', [FUTURE]);
    await dataSource.query('INSERT INTO schema_migration (timestamp, name) VALUES (1999000000000, $1)', [FUTURE]);
    if (oldestProgram !== null)
      await dataSource.query('INSERT INTO schema_migration_compatibility VALUES ($1, $2)', [FUTURE, oldestProgram]);
  }
  async function reopened(): Promise<unknown> {
    await opened.close();
    try {
      opened = await database.open();
      return 'opened';
    } catch (error) {
      return error;
    } finally {
      if (!opened.dataSource.isInitialized) opened = await openedRaw();
      dataSource = opened.dataSource;
    }
  }
  /** Bypasses the refusal by treating the later migration as known. */
  async function openedRaw(): Promise<OpenedDatabase> {
    await database.forget(FUTURE);
    return database.open();
  }

  it.each([
    [
      '99.1.0',
      /Gatehouse \d+\.\d+\.\d+\S*, .* needs version 99\.1\.0 or later.*Start version 99\.1\.0 or later, or restore/,
    ],
    [
      null,
      /Gatehouse \d+\.\d+\.\d+\S*, .* needs a later version\..*not record .* SomethingLater1999000000000.*restore/,
    ],
    ['soon', /needs a later version/],
  ])('the gateway refuses to start after a later migration that needs version %s', async (oldestProgram, message) => {
    await applyLater(oldestProgram);
    const refusal = await reopened();
    expect(refusal).toBeInstanceOf(IncompatibleSchema);
    expect((refusal as Error).message).toMatch(message);
    expect((refusal as Error).message).toContain(PROGRAM_VERSION);
  });

  it('the gateway starts after a later migration that allows this version', async () => {
    await applyLater('0.0.1');
    expect(await reopened()).toBe('opened');
  });
});

(SERVER ? describe : describe.skip)('migrations of several processes', () => {
  it('concurrent processes apply every migration once and wait until all are applied', async () => {
    const database = await emptyPostgres();
    const all = await Promise.all([1, 2, 3, 4].map(() => database.open()));
    try {
      for (const { dataSource } of all) expect(await applied(dataSource)).toHaveLength(createSqlMigrations().length);
    } finally {
      await Promise.all(all.map((one) => one.close()));
      await database.drop();
    }
  });
});
