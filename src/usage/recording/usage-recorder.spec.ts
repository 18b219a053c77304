import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { callRecord } from '../../../test/support/gateway/call-record.js';
import type { AppConfig } from '../../platform/config/app-config.js';
import type { AppLogger } from '../../platform/logging/app-logger.js';
import type { InteractionRecord } from './interaction-record.js';
import { RecordSpool } from '../spool/record-spool.js';
import { UsageRecorder } from './usage-recorder.js';

/** A database that can be unavailable or hang. It stores each id once, like the recorder's statement. */
class FakeDatabase {
  readonly ids = new Set<string>();
  state: 'there' | 'away' | 'silent' = 'there';
  batches = 0;

  async query(_sql: string, [batch]: [string]): Promise<void> {
    this.batches++;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.state === 'away') throw new Error('connection refused');
    while (this.state === 'silent') await new Promise((resolve) => setTimeout(resolve, 10));
    const rows = JSON.parse(batch) as { id: string; path: string }[];
    if (rows.some(({ path }) => path === 'refused')) throw Object.assign(new Error('refused'), { code: '22P02' });
    for (const { id } of rows) this.ids.add(id);
  }
}

const QUIET = { pino: { error: () => undefined, warn: () => undefined } } as unknown as AppLogger;
let dataDir: string;
let database: FakeDatabase;
let spool: RecordSpool;
let recorder: UsageRecorder;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-recorder-'));
  database = new FakeDatabase();
  start();
});
afterEach(async () => {
  database.state = 'there';
  await recorder.onApplicationShutdown();
  await rm(dataDir, { recursive: true, force: true });
});

function start(spoolMaxBytes = 64 * 1024 * 1024): void {
  spool = new RecordSpool({ database: { dataDir }, records: { spoolMaxBytes } } as unknown as AppConfig);
  recorder = new UsageRecorder(database as unknown as DataSource, spool, QUIET);
}

const records = (count: number): InteractionRecord[] => Array.from({ length: count }, () => callRecord());
const idsOf = (some: readonly InteractionRecord[]): string[] => some.map(({ id }) => id);

it('records that the database does not take are spooled and written in order once it returns', async () => {
  database.state = 'away';
  const some = records(2_000);
  for (const record of some.slice(0, 1_500)) recorder.record(record);
  await expect(recorder.flush()).rejects.toThrow('connection refused');
  for (const record of some.slice(1_500)) recorder.record(record);
  expect(spool.written).toBeGreaterThanOrEqual(1_000);
  database.state = 'there';
  await recorder.flush();
  expect([...database.ids]).toEqual(idsOf(some));
  expect([recorder.queued, recorder.lost, spool.isEmpty]).toEqual([0, 0, true]);
});

it('records stay in memory when the spool is full, and then lost ones are counted', async () => {
  start(10_000);
  database.state = 'away';
  const some = records(100_050);
  for (const record of some.slice(0, 1_000)) recorder.record(record);
  await expect(recorder.flush()).rejects.toThrow('connection refused');
  const spooled = spool.written;
  expect(spooled).toBeGreaterThan(0);
  expect(spool.bytes).toBeLessThanOrEqual(10_000);
  for (const record of some.slice(1_000)) recorder.record(record);
  expect(recorder.lost).toBe(50 - spooled);
  database.state = 'there';
  await recorder.flush();
  expect(database.ids.size).toBe(100_050 - recorder.lost);
});

it('records that the database does not take at shutdown are written by the next process', async () => {
  database.state = 'away';
  const some = records(10);
  for (const record of some) recorder.record(record);
  await recorder.onApplicationShutdown();
  database.state = 'there';
  start();
  recorder.onApplicationBootstrap();
  await recorder.flush();
  expect([...database.ids]).toEqual(idsOf(some));
});

describe('recordDurably()', () => {
  it('recordDurably() writes immediately in common batches', async () => {
    const some = records(100);
    await Promise.all(some.map((record) => recorder.recordDurably(record)));
    expect([...database.ids]).toEqual(idsOf(some));
    expect(database.batches).toBeLessThanOrEqual(3);
    expect(spool.written).toBe(0);
  });

  it.each(['away', 'silent'] as const)('recordDurably() spools while the database is %s', async (state) => {
    database.state = state;
    const some = records(20);
    await Promise.all(some.map((record) => recorder.recordDurably(record)));
    expect(database.ids.size).toBe(0);
    expect(spool.written).toBe(20);
    await recorder.recordDurably(callRecord());
    database.state = 'there';
    await recorder.flush();
    expect(database.ids.size).toBe(21);
  });

  it.each(['away', 'silent'] as const)(
    'recordDurably() rejects when the database is %s and the spool is full',
    async (state) => {
      start(0);
      database.state = state;
      await expect(recorder.recordDurably(callRecord())).rejects.toThrow('the spool is full');
      await expect(recorder.recordDurably(callRecord())).rejects.toThrow('the spool is full');
      expect(recorder.queued).toBe(2);
    },
  );

  it('recordDurably() rejects when the spool directory cannot be written to', async () => {
    await writeFile(join(dataDir, 'spool'), 'a file');
    database.state = 'away';
    await expect(recorder.recordDurably(callRecord())).rejects.toThrow(/ENOTDIR|EEXIST/);
  });

  it('recordDurably() rejects a record that the database refuses and writes its neighbors', async () => {
    const refused = callRecord({ path: 'refused' });
    const outcomes = await Promise.allSettled(
      [callRecord(), refused, callRecord()].map((record) => recorder.recordDurably(record)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(recorder.lost).toBe(1);
  });
});

it('the recorder writes nothing to the disk while the database is available', async () => {
  for (const record of records(3_000)) recorder.record(record);
  await recorder.flush();
  expect(database.ids.size).toBe(3_000);
  expect(await readdir(dataDir)).toEqual([]);
});
