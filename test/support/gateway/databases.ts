/** Provides a database for each suite: PGlite in memory, or with TEST_DATABASE_URL one in Postgres. */
import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { EmbeddedOptions } from '../../../src/platform/database/data-source.js';

export interface TestDatabase {
  /** The value of DATABASE_URL; null: PGlite. */
  url: string | null;
  embedded: EmbeddedOptions | undefined;
  drop(): Promise<void>;
}

declare global {
  /** Loads a package or a file of the program as the gateway does, outside Jest's module registry. */
  function importProgram(specifier: string): Promise<unknown>;
  /** Opens an empty embedded database in memory (`program/embedded-databases.mjs`). */
  function lendEmbeddedDatabase(): Promise<PGlite>;
}

export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) {
    const embedded = { dataDir: 'memory://', create: lendEmbeddedDatabase };
    return { url: null, embedded, drop: () => Promise.resolve() };
  }
  const name = `gatehouse_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE ${process.env.TEST_TEMPLATE!}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    embedded: undefined,
    drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/**
 * Fills an empty DATA_DIR as the migrations leave it, so that the program starts on it in half the time. For suites about
 * other topics than the creation of the database.
 */
export function copyMigratedDatabase(dataDir: string): void {
  cpSync(join(process.env.TEST_PGLITE_TEMPLATE!, 'data'), dataDir, { recursive: true });
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
