/**
 * The exclusive lock on an embedded database's directory. PGlite opens a directory twice without complaint and then
 * loses rows that were acknowledged; this makes the second process stop with a sentence instead.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf, isAlive } from '../process-identity.js';

export class DataDirInUse extends Error {
  constructor(dataDir: string, pid: number) {
    super(
      `${dataDir} is in use by process ${pid}. Stop that process, give this one another DATA_DIR, or set DATABASE_URL ` +
        `to run several processes on one PostgreSQL.`,
    );
    this.name = 'DataDirInUse';
  }
}

/** Takes the lock and returns the function that gives it back. Throws DataDirInUse while its holder lives. */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'gatehouse.lock');
  const mine = `${path}.${process.pid}`;
  // Two rounds: the second after the lock of a process that died was cleared away.
  for (let round = 0; round < 2; round++) {
    try {
      // Written aside and then linked: a lock file is never seen half written.
      writeFileSync(mine, holderOf(process.pid), { mode: 0o600 });
      linkSync(mine, path);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const text = readIfThere(path);
      const pid = Number.parseInt(text, 10);
      if (isAlive(pid) && (text === holderOf(pid) || !text.includes(' '))) throw new DataDirInUse(dataDir, pid);
      clearAway(path, text);
    } finally {
      rmSync(mine, { force: true });
    }
  }
  throw new DataDirInUse(dataDir, Number.parseInt(readIfThere(path), 10));
}

/** Empty when the holder has just given the lock back. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/**
 * Takes a dead process's lock away. Of several that find it dead at once one may hold the lock already when another
 * comes here, so what was moved aside is looked at again, and put back if it is not the one that was found dead.
 */
function clearAway(path: string, dead: string): void {
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== dead) linkSync(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
