/**
 * PGlite with the interface of a `pg.Pool`, for TypeORM's postgres driver. PGlite has one session, so a checked-out
 * client owns the whole database until it is released: transactions are serialized, and a rollback undoes exactly its
 * own work. Inside a transaction use only its own manager; any other access waits for the lock that the transaction
 * holds.
 */
import { EventEmitter } from 'node:events';
import { types, type PGlite, type PGliteOptions, type Results } from '@electric-sql/pglite';
import { PgliteSession, type PgliteSessionOptions } from './pglite-session.js';

interface PgResult {
  command: string;
  rows: unknown[];
  fields: unknown[];
  rowCount: number;
}
type Callback<T> = (error: unknown, result?: T) => void;
interface QueryConfig {
  text: string;
  values?: unknown[];
}

/** First come, first served. `acquire` resolves with the function that releases. */
class Mutex {
  #tail: Promise<void> = Promise.resolve();

  acquire(): Promise<() => void> {
    const before = this.#tail;
    let release!: () => void;
    this.#tail = new Promise<void>((resolve) => (release = resolve));
    return before.then(() => release);
  }
}

// node-postgres returns 64-bit integers and numerics as text, because a JavaScript number cannot hold them all, and
// bytes as Buffers.
const parsers = {
  [types.INT8]: (value: string) => value,
  [types.NUMERIC]: (value: string) => value,
  [types.BYTEA]: (value: string) => Buffer.from(value.slice(2), 'hex'),
};

const readFirstWord = (text: string): string => /^\s*(?:--[^\n]*\n\s*)*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? '';

function toPgResult(result: Results | undefined, text: string): PgResult {
  const rows = result?.rows ?? [];
  const command = readFirstWord(text);
  const rowCount = command === 'SELECT' || rows.length > 0 ? rows.length : (result?.affectedRows ?? 0);
  return { command, rows, fields: result?.fields ?? [], rowCount };
}

async function run(db: PGlite, text: string, values: unknown[] | undefined): Promise<PgResult> {
  if (values?.length) {
    const params = values.map((value) => (value === undefined ? null : value));
    return toPgResult(await db.query(text, params, { parsers }), text);
  }
  // The simple protocol allows several statements in one text, which migrations use.
  return toPgResult((await db.exec(text, { parsers })).at(-1), text);
}

/** First words of statements that write next to nothing. */
const READ_COMMANDS: ReadonlySet<string> = new Set(['SELECT', 'SHOW', 'SET', 'RESET', 'ROLLBACK', 'COMMIT']);

class PgliteClient extends EventEmitter {
  #isReleased = false;
  #isInTransaction = false;

  constructor(
    private readonly db: PGlite,
    private readonly session: PgliteSession,
    private readonly unlock: () => void,
  ) {
    super();
  }

  query(
    query: string | QueryConfig,
    values?: unknown[] | Callback<PgResult>,
    callback?: Callback<PgResult>,
  ): Promise<PgResult> | void {
    const text = typeof query === 'string' ? query : query.text;
    const params = Array.isArray(values) ? values : typeof query === 'string' ? undefined : query.values;
    const done = typeof values === 'function' ? values : callback;
    const result = this.#isReleased
      ? Promise.reject<PgResult>(new Error('this database client was released'))
      : this.#run(text, params);
    this.#trackTransaction(text);
    if (!done) return result;
    result.then((value) => done(null, value), done);
  }

  /** A transaction in progress may end. The first statement of a transaction counts as a write. */
  async #run(text: string, params: unknown[] | undefined): Promise<PgResult> {
    if (!this.#isInTransaction && !READ_COMMANDS.has(readFirstWord(text))) this.session.assertRoom();
    return this.session.use(this.db, () => run(this.db, text, params));
  }

  #trackTransaction(text: string): void {
    const command = readFirstWord(text);
    if (command === 'BEGIN' || command === 'START') this.#isInTransaction = true;
    else if (command === 'COMMIT' || (command === 'ROLLBACK' && !/^\s*ROLLBACK\s+TO/i.test(text)))
      this.#isInTransaction = false;
  }

  /** Rolls back a transaction in progress first, so that the next user of the session does not inherit it. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (!this.#isInTransaction) return this.unlock();
    this.session
      .use(this.db, () => this.db.exec('ROLLBACK'))
      .catch(() => undefined)
      .finally(this.unlock);
  }
}

/** Value of `driver` for TypeORM's postgres driver: an object with a `Pool` class. */
export function createPgliteDriver(database: PgliteDatabase): { Pool: unknown; native: undefined; defaults: object } {
  class Pool extends EventEmitter {
    connect(
      callback?: (error: unknown, client?: PgliteClient, release?: () => void) => void,
    ): Promise<PgliteClient> | void {
      const client = database.checkout();
      if (!callback) return client;
      client.then(
        (c) => callback(null, c, () => c.release()),
        (error: unknown) => callback(error),
      );
    }

    async query(text: string, params?: unknown[]): Promise<PgResult> {
      const client = await database.checkout();
      try {
        return (await client.query(text, params)) as PgResult;
      } finally {
        client.release();
      }
    }

    end(callback?: () => void): Promise<void> | void {
      const closed = database.close();
      if (!callback) return closed;
      void closed.then(callback);
    }
  }
  return { Pool, native: undefined, defaults: {} };
}

/** One embedded database, opened on first use and reopened after a panic has stopped it. */
export class PgliteDatabase {
  readonly #mutex = new Mutex();
  readonly #session: PgliteSession;

  constructor(options: PGliteOptions, session: PgliteSessionOptions = {}) {
    this.#session = new PgliteSession(options, session);
  }

  /** Rejects with `EmbeddedDatabaseUnavailable` while it cannot be opened. */
  open(): Promise<PGlite> {
    return this.#session.open();
  }

  /** A caller that waited while the database stopped receives the reopened database. */
  async checkout(): Promise<PgliteClient> {
    const unlock = await this.#mutex.acquire();
    try {
      return new PgliteClient(await this.#session.open(), this.#session, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
