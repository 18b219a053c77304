// Makes one migrated database that every suite starts from: a dump of PGlite, and with TEST_DATABASE_URL a template
// database in Postgres. Migrating anew for each suite would cost seconds every time.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { compileProgram } from './program/compile.mjs';

const migrations = new URL('../../migrations/', import.meta.url);

function migrationSql() {
  const files = readdirSync(migrations)
    .filter((file) => file.endsWith('.up.sql'))
    .sort();
  const rows = files.map((file) => {
    const [, timestamp, name] = /^(\d{13})-(.*)\.up\.sql$/.exec(file);
    const pascal = name.replace(/(^|-)([a-z0-9])/g, (_, __, c) => c.toUpperCase());
    return `INSERT INTO schema_migration (timestamp, name) VALUES (${timestamp}, '${pascal}${timestamp}');`;
  });
  const bookkeeping =
    'CREATE TABLE schema_migration (id serial PRIMARY KEY, timestamp bigint NOT NULL, name character varying NOT NULL);';
  return [bookkeeping, ...files.map((file) => readFileSync(new URL(file, migrations), 'utf8')), ...rows].join('\n');
}

export default async function globalSetup() {
  await compileProgram();
  const sql = migrationSql();
  if (process.env.TEST_DATABASE_URL) {
    const template = `gatehouse_template_${process.pid}`;
    const admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${template}`);
    const url = new URL(process.env.TEST_DATABASE_URL);
    url.pathname = `/${template}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query(sql);
    await client.end();
    await admin.end();
    process.env.TEST_TEMPLATE = template;
    globalThis.dropTestTemplate = async () => {
      const last = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
      await last.connect();
      await last.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
      await last.end();
    };
    return;
  }
  const db = await PGlite.create('memory://');
  await db.exec(sql);
  const dump = await db.dumpDataDir('none');
  await db.close();
  const path = join(mkdtempSync(join(tmpdir(), 'gatehouse-test-')), 'seed.tar');
  writeFileSync(path, Buffer.from(await dump.arrayBuffer()));
  process.env.TEST_PGLITE_SEED = path;
}
