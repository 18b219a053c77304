// Embedded databases in memory, one per gateway that a suite runs at the same time. Starting PGlite takes more than a second, and
// most of it is the same each time. So an instance whose gateway has closed it is emptied and lent to the next suite of the worker.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemoryFS, PGlite } from '@electric-sql/pglite';

/** Instances whose borrower has closed them. */
const returned = [];

/** Bytes of memory above which an instance is not lent again: WebAssembly never gives memory back. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;

/** Returns a database as the migrations leave it: a PGlite that closes without ending the instance behind it. */
export async function lendEmbeddedDatabase() {
  for (let instance = returned.pop(); instance; instance = returned.pop())
    if (await instance.isReusable()) return new LentDatabase(instance);
  return new LentDatabase(await Instance.start());
}

/** What the gateway uses of a PGlite. */
class LentDatabase {
  closed = false;
  #instance;

  constructor(instance) {
    this.#instance = instance;
  }

  get #database() {
    if (this.closed) throw new Error('PGlite is closed');
    return this.#instance.database;
  }

  async query(...args) {
    return this.#database.query(...args);
  }

  async exec(...args) {
    return this.#database.exec(...args);
  }

  async close() {
    const { database } = this.#instance;
    this.closed = true;
    await database.runExclusive(() => undefined);
    returned.push(this.#instance);
  }
}

/** PostgreSQL sets timers of ten seconds for its statistics. They must not keep a worker that has no more suites running. */
class WithoutHeldTimers extends MemoryFS {
  async init(pglite, options) {
    const { instantiateWasm } = options;
    const instantiate = (imports, done) => {
      const setTimer = imports.env._setitimer_js;
      imports.env._setitimer_js = (...args) => {
        const { setTimeout } = globalThis;
        globalThis.setTimeout = (...timer) => setTimeout(...timer).unref();
        try {
          return setTimer(...args);
        } finally {
          globalThis.setTimeout = setTimeout;
        }
      };
      return instantiateWasm(imports, done);
    };
    return super.init(pglite, { ...options, instantiateWasm: instantiate });
  }
}

class Instance {
  #tables;
  #schema;

  constructor(database) {
    this.database = database;
  }

  static async start() {
    const seed = readFileSync(join(process.env.TEST_PGLITE_TEMPLATE, 'seed.tar'));
    const instance = new Instance(
      await PGlite.create({
        fs: new WithoutHeldTimers(),
        loadDataDir: new Blob([seed]),
        ...(await (compiled ??= compile())),
      }),
    );
    instance.#tables = await instance.#tableNames();
    instance.#schema = await instance.#describeSchema();
    return instance;
  }

  /** Removes what its last borrower left. Returns false if that is not possible: then the instance cannot be lent again. */
  async isReusable() {
    if (this.database.Module.HEAPU8.length > MAX_MEMORY_BYTES) return false;
    try {
      await this.database.exec('ROLLBACK');
      await this.database.exec('DISCARD ALL');
      await this.#empty();
      return (await this.#describeSchema()) === this.#schema;
    } catch {
      return false;
    }
  }

  /** Partitions of a month are tables that the gateway creates. */
  async #empty() {
    const added = (await this.#tableNames()).filter((table) => !this.#tables.includes(table));
    const kept = this.#tables.filter((table) => !table.startsWith('schema_migration'));
    const ofRows = kept.map((table) => `SELECT '${table}' AS name WHERE EXISTS (SELECT FROM ${table})`);
    const filled = await this.#names(ofRows.join(' UNION ALL '));
    await this.database.exec(`
      SET session_replication_role = replica;
      ${added.length > 0 ? `DROP TABLE ${added.join(', ')} CASCADE;` : ''}
      ${filled.length > 0 ? `TRUNCATE ${filled.join(', ')} CASCADE;` : ''}
      SELECT setval(format('%I', sequencename), start_value, false) FROM pg_sequences
        WHERE last_value IS NOT NULL AND sequencename NOT LIKE 'schema_migration%';
      RESET ALL;`);
  }

  async #tableNames() {
    return this.#names(
      "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
    );
  }

  async #names(sql) {
    return (await this.database.query(sql)).rows.map(({ name }) => name);
  }

  /** Returns a text that differs after a change of a table, an index, a trigger or a function, and after a migration. */
  async #describeSchema() {
    const catalogs = ['attribute', 'attrdef', 'constraint', 'index', 'inherits', 'proc', 'trigger', 'type'];
    const counted = [...catalogs.map((name) => `pg_${name}`), 'schema_migration', 'schema_migration_compatibility'];
    const { rows } = await this.database.query(
      counted
        .map((name) => `SELECT count(*) AS rows, max(xmin::text::bigint) AS newest FROM ${name}`)
        .join(' UNION ALL '),
    );
    return rows.map(({ rows, newest }) => `${rows} ${newest}`).join(', ');
  }
}

let compiled;
async function compile() {
  const directory = new URL('.', import.meta.resolve('@electric-sql/pglite'));
  const [pglite, initdb] = ['pglite.wasm', 'initdb.wasm'].map((name) =>
    readFileSync(fileURLToPath(new URL(name, directory))),
  );
  return { pgliteWasmModule: await WebAssembly.compile(pglite), initdbWasmModule: await WebAssembly.compile(initdb) };
}
