/**
 * Migrations are SQL by hand: `migrations/<timestamp>-<name>.up.sql` and `.down.sql`. A file is never edited once it is
 * released; TypeORM's runner keeps count of what ran.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const DIRECTORY = new URL('../../../migrations/', import.meta.url);
const UP_FILE = /^(\d{13})-([a-z0-9-]+)\.up\.sql$/;

const pascal = (name: string): string => name.replace(/(^|-)([a-z0-9])/g, (_, __, c: string) => c.toUpperCase());

/** One migration class per pair of files, in the order of their timestamps. TypeORM reads the order off the class name. */
export function sqlMigrations(): (new () => MigrationInterface)[] {
  return readdirSync(DIRECTORY)
    .map((file) => UP_FILE.exec(file))
    .filter((match) => match !== null)
    .sort((a, b) => Number(a[1]) - Number(b[1]))
    .map(([file, timestamp, name]) => {
      const sql = (direction: 'up' | 'down'): string =>
        readFileSync(new URL(file.replace('.up.sql', `.${direction}.sql`), DIRECTORY), 'utf8');
      return class implements MigrationInterface {
        readonly name = `${pascal(name!)}${timestamp}`;
        async up(runner: QueryRunner): Promise<void> {
          await runner.query(sql('up'));
        }
        async down(runner: QueryRunner): Promise<void> {
          await runner.query(sql('down'));
        }
      };
    });
}
