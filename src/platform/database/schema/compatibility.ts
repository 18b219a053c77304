/**
 * Decides whether this program can run on the existing schema. Each migration records the oldest program version that
 * can still run after it. A program that is older than the schema reads the records of the migrations that it does not
 * know. An unknown migration without a record is incompatible.
 */
import { isAtLeast, PROGRAM_VERSION } from '../../process/program-version.js';

/** `schema_migration` belongs to TypeORM. The migration runner owns both tables; no migration creates or drops them. */
export const MIGRATION_TABLE = 'schema_migration';
const COMPATIBILITY_TABLE = 'schema_migration_compatibility';

const TABLES = `
  SELECT to_regclass('${MIGRATION_TABLE}') IS NOT NULL AS migrations,
         to_regclass('${COMPATIBILITY_TABLE}') IS NOT NULL AS records`;
const UNKNOWN = `SELECT name FROM ${MIGRATION_TABLE} WHERE name <> ALL ($1) ORDER BY id`;
const RECORDS = `SELECT name, oldest_program AS "oldestProgram" FROM ${COMPATIBILITY_TABLE} WHERE name = ANY ($1)`;

/** Runs a statement of this module. */
export interface Queryable {
  query<T>(sql: string, parameters?: unknown[]): Promise<T>;
}

/** A migration that prevents the start. `oldestProgram` is null if the schema has no usable record of it. */
export interface IncompatibleMigration {
  name: string;
  oldestProgram: string | null;
}

/** The message names the version of this program, the version that the schema needs, and the remedy. */
export class IncompatibleSchema extends Error {
  constructor(
    readonly migrations: readonly IncompatibleMigration[],
    version: string,
  ) {
    super(formatMessage(migrations, version));
    this.name = 'IncompatibleSchema';
  }
}

/** Creates the table of records if it is missing. */
export async function ensureCompatibilityTable(database: Queryable): Promise<void> {
  await database.query(
    `CREATE TABLE IF NOT EXISTS ${COMPATIBILITY_TABLE} (name text PRIMARY KEY, oldest_program text NOT NULL)`,
  );
}

/** Call it in the transaction of the migration. */
export async function recordCompatibility(database: Queryable, name: string, oldestProgram: string): Promise<void> {
  const insert = `INSERT INTO ${COMPATIBILITY_TABLE} (name, oldest_program) VALUES ($1, $2)
                  ON CONFLICT (name) DO UPDATE SET oldest_program = excluded.oldest_program`;
  await database.query(insert, [name, oldestProgram]);
}

/** Call it in the transaction that reverts the migration. */
export async function removeCompatibility(database: Queryable, name: string): Promise<void> {
  await database.query(`DELETE FROM ${COMPATIBILITY_TABLE} WHERE name = $1`, [name]);
}

/**
 * Throws `IncompatibleSchema` when the schema has a migration that is not in `known` and does not allow `version`. It
 * only reads, so that it can run on any database at any time.
 */
export async function assertCompatible(
  database: Queryable,
  known: readonly string[],
  version: string = PROGRAM_VERSION,
): Promise<void> {
  const [tables] = await database.query<{ migrations: boolean; records: boolean }[]>(TABLES);
  if (!tables?.migrations) return;
  const unknown = await database.query<{ name: string }[]>(UNKNOWN, [[...known]]);
  if (unknown.length === 0) return;
  const names = unknown.map(({ name }) => name);
  const records = tables.records ? await database.query<IncompatibleMigration[]>(RECORDS, [names]) : [];
  const oldestByName = new Map(records.map(({ name, oldestProgram }) => [name, oldestProgram]));
  const incompatible = names
    .map((name) => ({ name, oldestProgram: toUsableVersion(oldestByName.get(name)) }))
    .filter(({ oldestProgram }) => oldestProgram === null || !isAtLeast(version, oldestProgram));
  if (incompatible.length > 0) throw new IncompatibleSchema(incompatible, version);
}

/** A record that is not a version counts as a missing one. */
const toUsableVersion = (oldestProgram: string | null | undefined): string | null =>
  oldestProgram !== undefined && oldestProgram !== null && isAtLeast(oldestProgram, '0.0.0') ? oldestProgram : null;

function formatMessage(migrations: readonly IncompatibleMigration[], version: string): string {
  const unrecorded = migrations.filter(({ oldestProgram }) => oldestProgram === null).map(({ name }) => name);
  const oldest = migrations.reduce<string | null>(
    (found, { oldestProgram: next }) => (next !== null && (found === null || isAtLeast(next, found)) ? next : found),
    null,
  );
  const requiredVersion = oldest === null ? 'a later version' : `version ${oldest} or later`;
  const reason =
    unrecorded.length > 0
      ? ` It does not record which versions can run with ${unrecorded.join(', ')}.`
      : ` It was changed by ${migrations.map(({ name }) => name).join(', ')}.`;
  return (
    `This is Gatehouse ${version}, and the database schema needs ${requiredVersion}.${reason} ` +
    `Start ${oldest === null ? 'the version that last migrated the database' : requiredVersion}, or restore a backup of the database ` +
    `that was made before the upgrade.`
  );
}
