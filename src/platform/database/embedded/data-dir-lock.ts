/**
 * The exclusive lock on the directory of an embedded database. PGlite opens a directory twice without an error and then
 * loses acknowledged rows. The lock makes the second process stop with a message instead.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getProcessIdentity, isAlive } from '../../process/identity.js';

export class DataDirInUse extends Error {
  constructor(dataDir: string, pid: number) {
    super(
      `${dataDir} is in use by process ${pid}. Stop that process, give this one another DATA_DIR, or set DATABASE_URL ` +
        `to run several processes on one PostgreSQL.`,
    );
    this.name = 'DataDirInUse';
  }
}

/** Takes the lock and returns the function that releases it. Throws DataDirInUse while its holder is alive. */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'gatehouse.lock');
  const ownPath = `${path}.${process.pid}`;
  // Two rounds: the second runs after the lock of a dead process was removed.
  for (let round = 0; round < 2; round++) {
    try {
      // Written to another file and then linked, so that a lock file is never seen half written.
      writeFileSync(ownPath, getProcessIdentity(process.pid), { mode: 0o600 });
      linkSync(ownPath, path);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const text = readIfExists(path);
      const pid = Number.parseInt(text, 10);
      if (isAlive(pid) && (text === getProcessIdentity(pid) || !text.includes(' ')))
        throw new DataDirInUse(dataDir, pid);
      removeDeadLock(path, text);
    } finally {
      rmSync(ownPath, { force: true });
    }
  }
  throw new DataDirInUse(dataDir, Number.parseInt(readIfExists(path), 10));
}

/** Empty if the holder has just released the lock. */
function readIfExists(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/**
 * Removes the lock of a dead process. If several processes find it dead at the same time, one may hold the lock already
 * when another arrives here. So the file that was moved aside is read again, and put back if it is not the dead one.
 */
function removeDeadLock(path: string, dead: string): void {
  const movedPath = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, movedPath);
    if (readFileSync(movedPath, 'utf8') !== dead) linkSync(movedPath, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(movedPath, { force: true });
  }
}
