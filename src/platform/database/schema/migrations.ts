/**
 * Migrations are SQL by hand: `migrations/<timestamp>-<name>.up.sql` and `.down.sql`. A file is never edited once it is
 * released; TypeORM's runner keeps count of what ran. The line `-- oldest program: X.Y.Z` of an up file states the oldest
 * version of the program that can run once the migration is applied (a test requires it).
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recordCompatibility, removeCompatibility } from './compatibility.js';

const DIRECTORY = new URL('../../../../migrations/', import.meta.url);
const UP_FILE = /^(\d{13})-([a-z0-9-]+)\.up\.sql$/;
const OLDEST_PROGRAM = /^-- oldest program: (\d+\.\d+\.\d+)$/m;

const toPascalCase = (name: string): string => name.replace(/(^|-)([a-z0-9])/g, (_, __, c: string) => c.toUpperCase());

/** One migration class per pair of files, in the order of their timestamps. TypeORM reads the order off the class name. */
export function createSqlMigrations(): (new () => MigrationInterface)[] {
  return listUpFiles().map(({ file, name }) => {
    const readSql = (direction: 'up' | 'down'): string =>
      readFileSync(new URL(file.replace('.up.sql', `.${direction}.sql`), DIRECTORY), 'utf8');
    return class implements MigrationInterface {
      readonly name = name;
      async up(runner: QueryRunner): Promise<void> {
        const text = readSql('up');
        await runner.query(text);
        const oldest = readOldestProgram(text);
        if (oldest !== null) await recordCompatibility(runner, name, oldest);
      }
      async down(runner: QueryRunner): Promise<void> {
        await runner.query(readSql('down'));
        await removeCompatibility(runner, name);
      }
    };
  });
}

/** Names as in `schema_migration`, in the order of their timestamps. */
export const listMigrationNames = (): string[] => listUpFiles().map(({ name }) => name);

/** Returns the version in the header of an up file. Null if it states none: then older programs refuse the schema. */
export const readOldestProgram = (sql: string): string | null => OLDEST_PROGRAM.exec(sql)?.[1] ?? null;

function listUpFiles(): { file: string; name: string }[] {
  return readdirSync(DIRECTORY)
    .map((file) => UP_FILE.exec(file))
    .filter((match) => match !== null)
    .sort((a, b) => Number(a[1]) - Number(b[1]))
    .map(([file, timestamp, name]) => ({ file, name: `${toPascalCase(name!)}${timestamp}` }));
}
