/** Promise: the embedded database behaves as a pool of PostgreSQL connections, although it has only one. */
import { DataSource } from 'typeorm';
import { PgliteDatabase, createPgliteDriver } from './pglite-pool.js';

let database: PgliteDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = new PgliteDatabase({ dataDir: 'memory://' });
  dataSource = new DataSource({ type: 'postgres', driver: createPgliteDriver(database), installExtensions: false });
  await dataSource.initialize();
  await dataSource.query(
    'CREATE TABLE item (id int PRIMARY KEY, big bigint, amount numeric, at timestamptz, doc jsonb)',
  );
});
afterAll(() => dataSource.destroy());
beforeEach(() => dataSource.query('TRUNCATE item'));

const ids = async (): Promise<number[]> =>
  (await dataSource.query<{ id: number }[]>('SELECT id FROM item ORDER BY id')).map((row) => row.id);

describe('transactions', () => {
  it('concurrent transactions leave exactly the rows of those that committed', async () => {
    const run = (id: number): Promise<unknown> =>
      dataSource.transaction(async (manager) => {
        await manager.query('INSERT INTO item (id) VALUES ($1)', [id]);
        await new Promise((resolve) => setImmediate(resolve));
        if (id % 2 === 1) throw new Error('changed my mind');
        await manager.query('UPDATE item SET big = 1 WHERE id = $1', [id]);
      });
    const results = await Promise.allSettled(Array.from({ length: 60 }, (_, id) => run(id)));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(30);
    expect(await ids()).toEqual(Array.from({ length: 30 }, (_, i) => 2 * i));
  });

  it('uncommitted rows of a transaction are invisible to other queries', async () => {
    let seen: Promise<number[]> | undefined;
    await dataSource
      .transaction(async (manager) => {
        await manager.query('INSERT INTO item (id) VALUES (1)');
        seen = ids();
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    expect(await seen).toEqual([]);
  });

  it('a transaction left open is rolled back when its client is released', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.query('BEGIN');
    await runner.query('INSERT INTO item (id) VALUES (1)');
    await runner.release();
    expect(await ids()).toEqual([]);
  });

  it('a nested transaction rolls back alone', async () => {
    await dataSource.transaction(async (manager) => {
      await manager.query('INSERT INTO item (id) VALUES (1)');
      await manager
        .transaction(async (inner) => {
          await inner.query('INSERT INTO item (id) VALUES (2)');
          throw new Error('only this');
        })
        .catch(() => undefined);
      await manager.query('INSERT INTO item (id) VALUES (3)');
    });
    expect(await ids()).toEqual([1, 3]);
  });

  it('a transaction succeeds after another one failed in the database', async () => {
    const failing = dataSource.transaction((manager) => manager.query('INSERT INTO item (id) VALUES (1), (1)'));
    await expect(failing).rejects.toMatchObject({ driverError: { code: '23505' } });
    await dataSource.transaction((manager) => manager.query('INSERT INTO item (id) VALUES (2)'));
    expect(await ids()).toEqual([2]);
  });
});

describe('values', () => {
  it('values are returned as node-postgres returns them', async () => {
    await dataSource.query(`INSERT INTO item VALUES (1, 9007199254740993, 0.10, '2026-01-02T03:04:05Z', '{"a":[1]}')`);
    const [row] = await dataSource.query<unknown[]>('SELECT * FROM item');
    expect(row).toEqual({
      id: 1,
      big: '9007199254740993',
      amount: '0.10',
      at: new Date('2026-01-02T03:04:05Z'),
      doc: { a: [1] },
    });
  });

  it('an undefined parameter is stored as null', async () => {
    await dataSource.query('INSERT INTO item (id, big) VALUES ($1, $2)', [1, undefined]);
    expect(await dataSource.query('SELECT big FROM item')).toEqual([{ big: null }]);
  });

  it('a change reports how many rows it affected', async () => {
    await dataSource.query('INSERT INTO item (id) SELECT generate_series(1, 5)');
    expect(await dataSource.query('UPDATE item SET big = 1 WHERE id > 2')).toEqual([[], 3]);
    expect(await dataSource.query('DELETE FROM item WHERE id = 1 RETURNING id')).toEqual([[{ id: 1 }], 1]);
  });
});

describe('a client', () => {
  it('a released client runs no more queries', async () => {
    const client = await database.checkout();
    client.release();
    client.release();
    await expect(client.query('SELECT 1')).rejects.toThrow('released');
    expect(await ids()).toEqual([]);
  });

  it('one query text may contain several statements', async () => {
    await dataSource.query('INSERT INTO item (id) VALUES (1);\n-- a comment\nINSERT INTO item (id) VALUES (2);');
    expect(await ids()).toEqual([1, 2]);
  });
});
