import { join } from 'node:path';
import type { PGliteOptions } from '@electric-sql/pglite';
import { DataSource, type EntitySchema } from 'typeorm';
import type { AppConfig } from '../config/app-config.js';
import { lockDataDir } from './data-dir-lock.js';
import { sqlMigrations } from './migrations.js';
import { PgliteDatabase, pgliteDriver } from './pglite-pool.js';

type Entity = (new () => object) | EntitySchema;

/** A database and what belongs to it. `pglite` is set on the embedded default alone. */
export interface OpenedDatabase {
  dataSource: DataSource;
  pglite: PgliteDatabase | null;
  close(): Promise<void>;
}

// Any two processes that start at once on one database take turns at migrating it. The number is arbitrary but fixed.
const MIGRATION_LOCK = 4_739_201;

/**
 * Connects, or opens the embedded database under its lock, and brings the schema up to date. `embedded`: how to open
 * PGlite instead of in DATA_DIR, without a lock (a database in memory, for the demo and for tests).
 */
export async function openDatabase(
  config: AppConfig,
  entities: readonly Entity[],
  embedded?: PGliteOptions,
): Promise<OpenedDatabase> {
  const common = {
    type: 'postgres' as const,
    entities: [...entities],
    migrations: sqlMigrations(),
    migrationsTableName: 'schema_migration',
    synchronize: false,
    installExtensions: false,
  };
  if (config.database.url) {
    const connected = {
      ...common,
      url: config.database.url,
      poolErrorHandler: () => undefined, // an idle connection that breaks is replaced; the next query tells of an outage
      connectTimeoutMS: 5_000,
    };
    // Moving a large table takes longer than a request may wait.
    await migrateInTurn(new DataSource({ ...connected, poolSize: 2 }));
    const dataSource = new DataSource({
      ...connected,
      poolSize: config.database.poolSize,
      // A query that hangs must become a refusal (503), not a pile of waiting requests. None of them runs for so long that it
      // would pay to compile it first.
      extra: { statement_timeout: 30_000, query_timeout: 35_000, options: '-c jit=off' },
    });
    await dataSource.initialize();
    return { dataSource, pglite: null, close: () => dataSource.destroy() };
  }
  const unlock = embedded ? () => undefined : lockDataDir(config.database.dataDir);
  try {
    const pglite = new PgliteDatabase(embedded ?? { dataDir: join(config.database.dataDir, 'pglite') });
    const dataSource = await openEmbedded(pglite);
    const close = async (): Promise<void> => {
      await dataSource.destroy();
      unlock();
    };
    return { dataSource, pglite, close };
  } catch (error) {
    unlock();
    throw error;
  }

  async function openEmbedded(pglite: PgliteDatabase): Promise<DataSource> {
    const dataSource = new DataSource({ ...common, driver: pgliteDriver(pglite) });
    await dataSource.initialize();
    await dataSource.runMigrations({ transaction: 'each' });
    return dataSource;
  }
}

async function migrateInTurn(dataSource: DataSource): Promise<void> {
  await dataSource.initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
    await dataSource.destroy();
  }
}
