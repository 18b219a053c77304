import { join } from 'node:path';
import type { PGliteOptions } from '@electric-sql/pglite';
import { DataSource, type EntitySchema } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { lockDataDir } from './embedded/data-dir-lock.js';
import { DatabaseHealth, type DatabaseHealthOptions } from './circuit-breaker/database-health.js';
import { listMigrationNames, createSqlMigrations } from './schema/migrations.js';
import { PgliteDatabase, createPgliteDriver } from './embedded/pglite-pool.js';
import type { PgliteSessionOptions } from './embedded/pglite-session.js';
import { assertCompatible, ensureCompatibilityTable, MIGRATION_TABLE } from './schema/compatibility.js';
import { probeDatabase, createWatchedDriver } from './circuit-breaker/watched-pool.js';

type Entity = (new () => object) | EntitySchema;

/** A database and its resources. `pglite` is set only for the embedded database. */
export interface OpenedDatabase {
  dataSource: DataSource;
  pglite: PgliteDatabase | null;
  health: DatabaseHealth;
  close(): Promise<void>;
}

export interface EmbeddedOptions extends PGliteOptions {
  /** Opens an instance, in place of `PGlite.create`. */
  create?: PgliteSessionOptions['create'];
}

export interface OpenDatabaseOptions {
  /** Options in place of DATA_DIR, without a lock (a database in memory, for the demo and for tests). */
  embedded?: EmbeddedOptions | undefined;
  onChange?: DatabaseHealthOptions['onChange'];
}

// Processes that start at the same time on one database migrate it one after another. The number is arbitrary but
// fixed.
const MIGRATION_LOCK = 4_739_201;

/**
 * Connects, or opens the embedded database under its lock, and brings the schema up to date. Throws
 * `IncompatibleSchema` if a later program has changed the schema so that this program cannot use it.
 */
export async function openDatabase(
  config: AppConfig,
  entities: readonly Entity[],
  { embedded, onChange }: OpenDatabaseOptions = {},
): Promise<OpenedDatabase> {
  const common = {
    type: 'postgres' as const,
    entities: [...entities],
    migrations: createSqlMigrations(),
    migrationsTableName: MIGRATION_TABLE,
    synchronize: false,
    installExtensions: false,
  };
  const { url } = config.database;
  if (url) {
    const connected = {
      ...common,
      url,
      poolErrorHandler: () => undefined, // an idle connection that breaks is replaced; the next query reports an outage
      connectTimeoutMS: 5_000,
    };
    // Migrating a large table takes longer than a request may wait.
    await migrateWithLock(new DataSource({ ...connected, poolSize: 2 }));
    const health = new DatabaseHealth({ probe: () => probeDatabase(url), ...(onChange ? { onChange } : {}) });
    const dataSource = new DataSource({
      ...connected,
      driver: createWatchedDriver(health),
      poolSize: config.database.poolSize,
      // A query that hangs must become a refusal (503), not a queue of waiting requests. No query runs so long that
      // compiling it first would pay. If the connection of a transaction is lost and the server does not notice, the
      // transaction holds its locks for as long as the server waits for the next statement.
      extra: {
        statement_timeout: 30_000,
        query_timeout: 35_000,
        idle_in_transaction_session_timeout: 30_000,
        keepAlive: true,
        keepAliveInitialDelayMillis: 10_000,
        options: '-c jit=off',
      },
    });
    await dataSource.initialize();
    const close = async (): Promise<void> => {
      health.close();
      await dataSource.destroy();
    };
    return { dataSource, pglite: null, health, close };
  }
  const unlock = embedded ? () => undefined : lockDataDir(config.database.dataDir);
  try {
    const { create, ...options }: EmbeddedOptions = embedded ?? { dataDir: join(config.database.dataDir, 'pglite') };
    const session = { onStop: () => health.startProbe(), ...(create ? { create } : {}) };
    const pglite: PgliteDatabase = new PgliteDatabase(options, session);
    const health = new DatabaseHealth({
      probe: async () => void (await pglite.open()),
      ...(onChange ? { onChange } : {}),
    });
    const dataSource = await openEmbedded(pglite);
    const close = async (): Promise<void> => {
      health.close();
      await dataSource.destroy();
      unlock();
    };
    return { dataSource, pglite, health, close };
  } catch (error) {
    unlock();
    throw error;
  }

  async function openEmbedded(pglite: PgliteDatabase): Promise<DataSource> {
    const dataSource = new DataSource({ ...common, driver: createPgliteDriver(pglite) });
    try {
      await dataSource.initialize();
      await migrate(dataSource);
      return dataSource;
    } catch (error) {
      await pglite.close().catch(() => undefined);
      throw error;
    }
  }
}

/** Throws `IncompatibleSchema` before it changes anything. */
async function migrate(dataSource: DataSource): Promise<void> {
  await assertCompatible(dataSource, listMigrationNames());
  await ensureCompatibilityTable(dataSource);
  await dataSource.runMigrations({ transaction: 'each' });
}

async function migrateWithLock(dataSource: DataSource): Promise<void> {
  await dataSource.initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrate(dataSource);
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
    await dataSource.destroy();
  }
}
