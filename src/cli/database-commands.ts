/**
 * The commands of `gatehouse` that need the database alone, without the modules. They resolve with the exit code.
 * Results are written to standard output, errors in the command line to standard error. Failures are thrown.
 */
import { join } from 'node:path';
import { DataSource, MigrationExecutor } from 'typeorm';
import { formatChainReport } from '../audit/chain/report.js';
import { AuditChainVerifier, type ChainEnd } from '../audit/chain/verifier.js';
import type { AppConfig } from '../platform/config/app-config.js';
import { formatResealReport } from '../platform/crypto/reseal-report.js';
import { Resealer } from '../platform/crypto/resealer.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { lockDataDir } from '../platform/database/embedded/data-dir-lock.js';
import { listMigrationNames, createSqlMigrations } from '../platform/database/schema/migrations.js';
import { PgliteDatabase, createPgliteDriver } from '../platform/database/embedded/pglite-pool.js';
import { assertCompatible, MIGRATION_TABLE } from '../platform/database/schema/compatibility.js';
import { SEALED_COLUMNS } from '../app/sealed-columns.js';
import { WRONG_COMMAND_LINE } from './exit-codes.js';
import { loadCommandConfig, runOnPlatform, findOrganizations } from './command-platform.js';

export interface VerifyOptions {
  organization?: string;
  kept?: ChainEnd;
}

export async function migrate(statusOnly: boolean): Promise<number> {
  const before = await readMigrations(loadCommandConfig());
  if (statusOnly) {
    for (const name of before.applied) process.stdout.write(`applied  ${name}\n`);
    for (const name of before.pending) process.stdout.write(`pending  ${name}\n`);
    return before.pending.length > 0 ? 1 : 0;
  }
  await runOnPlatform(async () => undefined); // opening it migrates
  for (const name of before.pending) process.stdout.write(`applied  ${name}\n`);
  process.stdout.write('The database schema is up to date.\n');
  return 0;
}

/** Opens the database without changing it, which the platform never does. Throws `IncompatibleSchema`. */
async function readMigrations({ database }: AppConfig): Promise<{ applied: string[]; pending: string[] }> {
  const unlock = database.url === null ? lockDataDir(database.dataDir) : () => undefined;
  const pglite = () => createPgliteDriver(new PgliteDatabase({ dataDir: join(database.dataDir, 'pglite') }));
  const dataSource = new DataSource({
    type: 'postgres',
    ...(database.url === null ? { driver: pglite() } : { url: database.url, connectTimeoutMS: 5_000 }),
    migrations: createSqlMigrations(),
    migrationsTableName: MIGRATION_TABLE,
    installExtensions: false,
  });
  try {
    await dataSource.initialize();
    await assertCompatible(dataSource, listMigrationNames());
    const migrations = new MigrationExecutor(dataSource);
    const applied = await migrations.getExecutedMigrations();
    const pending = await migrations.getPendingMigrations();
    // The runner returns those of the table newest first.
    return { applied: applied.map(({ name }) => name).reverse(), pending: pending.map(({ name }) => name) };
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    unlock();
  }
}

export function reseal(): Promise<number> {
  return runOnPlatform(async ({ config, database }) => {
    const box = new SealedBox(config.encryptionKeys);
    let isComplete = true;
    for (const column of SEALED_COLUMNS) {
      const report = await new Resealer(database.dataSource, box, column).run();
      process.stdout.write(formatResealReport(report));
      isComplete &&= report.unopened.length === 0;
    }
    return isComplete ? 0 : 1;
  });
}

export function verifyAuditLog({ organization, kept }: VerifyOptions): Promise<number> {
  if (kept && organization === undefined) {
    process.stderr.write('error: --kept is the end of one log: name its organization with --organization <slug>\n');
    return Promise.resolve(WRONG_COMMAND_LINE);
  }
  return runOnPlatform(async ({ database: { dataSource } }) => {
    let isInOrder = true;
    for (const { id, slug } of await findOrganizations(dataSource, organization)) {
      const report = await new AuditChainVerifier(dataSource, id, kept).run();
      process.stdout.write(formatChainReport(slug, report));
      isInOrder &&= report.firstBreak === null;
    }
    return isInOrder ? 0 : 1;
  });
}
