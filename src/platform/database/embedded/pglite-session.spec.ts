/** Promise: an embedded database that panicked is not used again, is reopened in time, and is an outage until then. */
import { jest } from '@jest/globals';
import type { PGlite } from '@electric-sql/pglite';
import { isDatabaseOutage } from '../../errors/database-outage.js';
import { EmbeddedDatabaseUnavailable, PgliteSession } from './pglite-session.js';

const panic = Object.assign(new Error('could not write to file'), { severity: 'PANIC', code: '53100' });
const REOPEN_MS = 5_000;

let opened: PGlite[];
let failure: Error | null;
let stops: number;
let now: number;
let free: number;

function session(dataDir = '/data/pglite'): PgliteSession {
  opened = [];
  failure = null;
  stops = 0;
  const create = (): Promise<PGlite> => {
    if (failure) return Promise.reject(failure);
    const db = { closed: false } as PGlite;
    opened.push(db);
    return Promise.resolve(db);
  };
  return new PgliteSession({ dataDir }, { create, onStop: () => void stops++, readFreeBytes: () => free });
}

beforeEach(() => {
  now = 1_000_000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

it.each([
  ['PANIC', panic],
  ['FATAL', Object.assign(new Error('terminating'), { severity: 'FATAL' })],
  ['a WebAssembly trap', Object.assign(new Error('unreachable'), { name: 'RuntimeError' })],
  ['a process exit', Object.assign(new Error('exit(1)'), { name: 'ExitStatus' })],
])('a session stops at %s, and no statement reaches that instance afterwards', async (_, end) => {
  const it = session();
  const db = await it.open();
  await expect(it.use(db, () => Promise.reject(end))).rejects.toMatchObject({
    name: 'EmbeddedDatabaseUnavailable',
    cause: end,
  });
  const statement = jest.fn(() => Promise.resolve());
  const refusal = await it.use(db, statement).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(EmbeddedDatabaseUnavailable);
  expect(isDatabaseOutage(refusal)).toBe(true);
  expect(statement).not.toHaveBeenCalled();
  expect(stops).toBe(1);
});

it('a session continues after an error that PostgreSQL survives', async () => {
  const it = session();
  const db = await it.open();
  const full = Object.assign(new Error('could not extend file'), { severity: 'ERROR', code: '53100' });
  await expect(it.use(db, () => Promise.reject(full))).rejects.toBe(full);
  expect(await it.use(db, () => Promise.resolve(7))).toBe(7);
  expect([stops, opened.length]).toEqual([0, 1]);
});

it('a stopped session reopens only seconds after the stop or the last failure to open', async () => {
  const it = session();
  await it.use(await it.open(), () => Promise.reject(panic)).catch(() => undefined);
  failure = new Error('PGlite failed to initialize properly');
  await expect(it.open()).rejects.toThrow('the embedded database has stopped: could not write to file');
  now += REOPEN_MS;
  await expect(it.open()).rejects.toThrow('the embedded database cannot be opened: PGlite failed');
  failure = null;
  await expect(it.open()).rejects.toThrow('the embedded database cannot be opened: PGlite failed');
  expect(opened).toHaveLength(1);
  now += REOPEN_MS;
  const again = await it.open();
  expect(again).toBe(opened[1]);
  expect(await it.use(again, () => Promise.resolve(7))).toBe(7);
});

it('a session takes no writes when less than two log segments fit on the disk', () => {
  const it = session();
  free = 2 * 16 * 1024 * 1024;
  expect(() => it.assertRoom()).not.toThrow();
  free--;
  expect(() => it.assertRoom()).toThrow(/^the embedded database takes no writes: 33554431 bytes are free/);
  expect(() => session('memory://').assertRoom()).not.toThrow();
});

it('a stopped session in memory does not reopen as an empty database', async () => {
  const it = session('memory://');
  await it.use(await it.open(), () => Promise.reject(panic)).catch(() => undefined);
  now += 10 * REOPEN_MS;
  await expect(it.open()).rejects.toBeInstanceOf(EmbeddedDatabaseUnavailable);
  expect(opened).toHaveLength(1);
});
