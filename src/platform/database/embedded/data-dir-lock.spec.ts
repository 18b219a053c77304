import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirInUse, lockDataDir } from './data-dir-lock.js';

let dataDir: string;
let lock: string;
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'gatehouse-lock-')), 'data');
  lock = join(dataDir, 'gatehouse.lock');
});
afterEach(() => rmSync(join(dataDir, '..'), { recursive: true }));

const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

describe('the lock of a data directory', () => {
  it('makes the directory, for this user alone', () => {
    lockDataDir(dataDir);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(readdirSync(dataDir)).toEqual(['gatehouse.lock']);
  });

  it('is had by one at a time, and is free again when it is given back', () => {
    const unlock = lockDataDir(dataDir);
    expect(() => lockDataDir(dataDir)).toThrow(DataDirInUse);
    expect(() => lockDataDir(dataDir)).toThrow(new RegExp(`in use by process ${process.pid}\\. Stop that process`));
    unlock();
    expect(existsSync(lock)).toBe(false);
    lockDataDir(dataDir)();
  });

  it('is kept by another process for as long as that lives, and then taken over', async () => {
    lockDataDir(dataDir)();
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const exited = new Promise((resolve) => other.once('exit', resolve));
    // A lock without a start time is what systems without /proc write.
    writeFileSync(lock, String(other.pid));
    expect(() => lockDataDir(dataDir)).toThrow(`in use by process ${other.pid}`);
    other.stdin.end();
    await exited;
    lockDataDir(dataDir);
    expect(Number.parseInt(readFileSync(lock, 'utf8'), 10)).toBe(process.pid);
  });

  it('is taken over from a process that died, and leaves nothing else behind', () => {
    lockDataDir(dataDir)();
    writeFileSync(lock, `${deadPid()} 12345`);
    lockDataDir(dataDir);
    expect(readdirSync(dataDir)).toEqual(['gatehouse.lock']);
  });

  it('is taken over where the process id has been given to somebody else since', () => {
    if (!existsSync('/proc/self/stat')) return;
    lockDataDir(dataDir)();
    writeFileSync(lock, `${process.pid} 1`);
    lockDataDir(dataDir)();
  });

  it('is taken over where it holds nothing that names a process', () => {
    lockDataDir(dataDir)();
    writeFileSync(lock, '');
    lockDataDir(dataDir)();
  });
});
