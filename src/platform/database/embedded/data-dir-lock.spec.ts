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
  it('locking creates the data directory with mode 0700', () => {
    lockDataDir(dataDir);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(readdirSync(dataDir)).toEqual(['gatehouse.lock']);
  });

  it('a data directory has one lock holder at a time until it unlocks', () => {
    const unlock = lockDataDir(dataDir);
    expect(() => lockDataDir(dataDir)).toThrow(DataDirInUse);
    expect(() => lockDataDir(dataDir)).toThrow(new RegExp(`in use by process ${process.pid}\\. Stop that process`));
    unlock();
    expect(existsSync(lock)).toBe(false);
    lockDataDir(dataDir)();
  });

  it('the lock of a living process is respected and taken over after its exit', async () => {
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

  it('the lock of a dead process is taken over without leftover files', () => {
    lockDataDir(dataDir)();
    writeFileSync(lock, `${deadPid()} 12345`);
    lockDataDir(dataDir);
    expect(readdirSync(dataDir)).toEqual(['gatehouse.lock']);
  });

  it('the lock is taken over when its process id belongs to a newer process', () => {
    if (!existsSync('/proc/self/stat')) return;
    lockDataDir(dataDir)();
    writeFileSync(lock, `${process.pid} 1`);
    lockDataDir(dataDir)();
  });

  it('an empty lock file is taken over', () => {
    lockDataDir(dataDir)();
    writeFileSync(lock, '');
    lockDataDir(dataDir)();
  });
});
