// Compiles the program, and makes a migrated database that every suite starts from: a template of the embedded database, and
// with TEST_DATABASE_URL a template database in PostgreSQL.
import pg from 'pg';
import { compileProgram } from './program/compile.mjs';
import { databaseTemplate, openMigrated } from './program/database-template.mjs';

export default async function globalSetup() {
  await compileProgram();
  process.env.TEST_PGLITE_TEMPLATE = await databaseTemplate();
  if (process.env.TEST_DATABASE_URL) await createPostgresTemplate(process.env.TEST_DATABASE_URL);
}

async function createPostgresTemplate(server) {
  const template = `gatehouse_template_${process.pid}`;
  const onServer = async (sql) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await onServer(`CREATE DATABASE ${template}`);
  const url = new URL(server);
  url.pathname = `/${template}`;
  const database = await openMigrated({ url: url.href, poolSize: 1 });
  await database.close();
  process.env.TEST_TEMPLATE = template;
  globalThis.dropTestTemplate = () => onServer(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
}
