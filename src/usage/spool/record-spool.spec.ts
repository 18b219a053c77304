import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppConfig } from '../../platform/config/app-config.js';
import { RecordSpool } from './record-spool.js';
import { createFileId, createOwner, formatSpoolName } from './file-name.js';

let dataDir: string;
const path = (): string => join(dataDir, 'spool');
let open: RecordSpool[] = [];
const spool = (spoolMaxBytes = 1024 * 1024): RecordSpool => {
  const made = new RecordSpool({ database: { dataDir }, records: { spoolMaxBytes } } as unknown as AppConfig);
  open.push(made);
  return made;
};
const row = (n: number): string => JSON.stringify({ n });
const rows = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => row(from + i));
const files = async (): Promise<string[]> => (await readdir(path()).catch(() => [])).sort();

/** Returns all replayed rows of a spool, in order. */
async function replayed(from: RecordSpool, size = 3): Promise<string[]> {
  const seen: string[] = [];
  await from.replay((batch) => Promise.resolve(void seen.push(...batch)), size);
  return seen;
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-spool-'));
});
afterEach(async () => {
  await Promise.all(open.map((each) => each.release()));
  open = [];
  await rm(dataDir, { recursive: true, force: true });
});

it('the spool replays rows once in their order and leaves no file', async () => {
  const it = spool();
  await it.append(rows(5));
  await it.append(rows(4, 5));
  expect(await replayed(it)).toEqual(rows(9));
  expect(await files()).toEqual([]);
  expect(it.isEmpty).toBe(true);
  expect(await replayed(it)).toEqual([]);
  expect([it.written, it.replayed, it.bytes]).toEqual([9, 9, 0]);
});

it('a replay resumes after the batches that were accepted', async () => {
  const it = spool();
  await it.append(rows(8));
  const seen: string[] = [];
  const refusing = it.replay((batch) => {
    if (seen.length >= 3) return Promise.reject(new Error('away'));
    seen.push(...batch);
    return Promise.resolve();
  }, 3);
  await expect(refusing).rejects.toThrow('away');
  await it.append(rows(2, 8));
  expect([...seen, ...(await replayed(it))]).toEqual(rows(10));
});

it('a replay includes rows that are appended meanwhile', async () => {
  const it = spool();
  await it.append(rows(2));
  const seen: string[] = [];
  await it.replay(async (batch) => {
    if (seen.length === 0) await it.append(rows(2, 2));
    seen.push(...batch);
  }, 1);
  expect(seen).toEqual(rows(4));
});

it('the spool creates nothing until it is needed, and then files with mode 600', async () => {
  const it = spool();
  await it.takeOver();
  expect(await replayed(it)).toEqual([]);
  await expect(stat(path())).rejects.toThrow('ENOENT');
  await it.append(rows(1));
  expect((await stat(path())).mode & 0o777).toBe(0o700);
  expect((await stat(join(path(), (await files())[0]!))).mode & 0o777).toBe(0o600);
});

it('the spool accepts only rows that fit into SPOOL_MAX_BYTES of all files', async () => {
  const size = row(0).length + 1;
  const it = spool(5 * size);
  const other = spool(5 * size);
  expect(await it.append(rows(2))).toBe(2);
  expect(await other.append(rows(9, 2))).toBe(3);
  expect(await it.append(rows(1, 5))).toBe(0);
  expect(await replayed(it)).toEqual(rows(2));
  expect(await other.append(rows(9, 5))).toBe(2);
});

it('the spool renames organisation_id in rows of an older version', async () => {
  const records = spool();
  await records.append(['{"id":"1","organisation_id":"o","path":"/\\"organisation_id\\":"}']);
  expect(await replayed(records)).toEqual(['{"id":"1","organization_id":"o","path":"/\\"organisation_id\\":"}']);
});

it('torn lines are skipped and counted', async () => {
  const it = spool();
  await it.append(rows(2));
  const file = join(path(), (await files())[0]!);
  await appendFile(file, '{"n":');
  await appendFile(file, `\n\0\0\0\n${row(2)}\n[1]\n${row(3).slice(0, -1)}`);
  expect(await replayed(it)).toEqual(rows(3));
  expect(it.torn).toBe(4);
  expect(await files()).toEqual([]);
});

it('characters survive the boundaries of the chunks in which a file is read', async () => {
  const it = spool(8 * 1024 * 1024);
  const long = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, text: 'ü€😀'.repeat(5_000 + n) }));
  await it.append(long);
  expect(await replayed(it)).toEqual(long);
});

describe('files of another process', () => {
  const left = async (owner: string, lines: string[], at = new Date()): Promise<string> => {
    await mkdir(path(), { recursive: true });
    const file = join(path(), formatSpoolName(createFileId(at), owner));
    await writeFile(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  };
  const [host, pid, start] = createOwner().split('~');

  it('files of a dead process are taken over oldest first', async () => {
    await left(`${host}~${pid}~1${start}~00000002`, rows(2, 2), new Date('2026-01-01T02:00:00Z'));
    await left(`${host}~${pid}~1${start}~00000001`, rows(2), new Date('2026-01-01T01:00:00Z'));
    const it = spool();
    await it.append(rows(2, 4));
    await it.takeOver();
    expect(it.files).toBe(3);
    expect(await replayed(it)).toEqual(rows(6));
    expect(await files()).toEqual([]);
  });

  it('files of a living process stay untouched', async () => {
    const alive = spool();
    await alive.append(rows(2));
    const it = spool();
    await it.takeOver();
    expect(await replayed(it)).toEqual([]);
    await alive.append(rows(2, 2));
    expect(await replayed(alive)).toEqual(rows(4));
  });

  it('each file is taken over by only one process', async () => {
    for (let i = 0; i < 20; i++) await left(`${host}~${pid}~1${start}~00000001`, [row(i)]);
    const takers = [spool(), spool(), spool()];
    await Promise.all(takers.map((taker) => taker.takeOver()));
    const all = await Promise.all(takers.map((taker) => replayed(taker)));
    expect(all.flat().sort()).toEqual(rows(20).sort());
  });

  it('files of another host are taken over only when they are old', async () => {
    const old = await left(`elsewhere~1~1~00000001`, rows(1));
    const young = await left(`elsewhere~1~1~00000001`, rows(1, 1));
    const longAgo = new Date(Date.now() - 10 * 60_000);
    await utimes(old, longAgo, longAgo);
    const it = spool();
    await it.takeOver();
    expect(await replayed(it)).toEqual(rows(1));
    expect(await readFile(young, 'utf8')).toBe(`${row(1)}\n`);
  });

  it('files of a process that ended normally are taken over', async () => {
    const ending = spool();
    await ending.append(rows(3));
    await ending.release();
    const it = spool();
    await it.takeOver();
    expect(await replayed(it)).toEqual(rows(3));
  });

  it('the spool continues in a new file when its own was removed', async () => {
    const it = spool();
    await it.append(rows(1));
    await rm(join(path(), (await files())[0]!));
    await expect(it.append(rows(1, 1))).rejects.toThrow('ENOENT');
    expect(await it.append(rows(1, 1))).toBe(1);
    expect(await replayed(it)).toEqual(rows(1, 1));
  });

  it('other files in the directory stay untouched', async () => {
    await mkdir(path(), { recursive: true });
    await writeFile(join(path(), 'notes.txt'), 'mine');
    const it = spool();
    await it.takeOver();
    expect(it.isEmpty).toBe(true);
    expect(await files()).toEqual(['notes.txt']);
  });
});
