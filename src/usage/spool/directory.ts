/** The directory of spool files: its files, its size, and the owner of each file. Created by the first write. */
import { mkdir, open, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned, formatUnownedName, parseSpoolName, formatSpoolName, type SpoolName } from './file-name.js';

/** One block of most file systems: less could find space where a record does not fit. */
const PROBE = Buffer.alloc(4096);

export class SpoolDirectory {
  constructor(
    readonly path: string,
    private readonly owner: string,
  ) {}

  getPath(fileId: string): string {
    return join(this.path, formatSpoolName(fileId, this.owner));
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  /** Writes like an append. Rejects with the system's error on failure. */
  async probe(): Promise<void> {
    await this.create();
    const path = join(this.path, `.probe~${this.owner}`);
    try {
      await writeFile(path, PROBE, { mode: 0o600, flush: true });
    } finally {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }

  /** Returns the bytes of all spool files, including those of other processes. */
  async measureSize(): Promise<number> {
    const sizes = await Promise.all(
      (await this.#listNames()).map(async ({ name }) => (await this.#stat(name))?.size ?? 0),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Makes the names of the directory as durable as the content of the files. */
  async sync(): Promise<void> {
    const directory = await open(this.path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  /** Returns the `begun` parts of own files, oldest first. */
  async listOwn(): Promise<string[]> {
    const names = await this.#listNames();
    return names.flatMap(({ fileId, owner }) => (owner === this.owner ? [fileId] : []));
  }

  /** Takes over the files of terminated processes. Returns their number. */
  async takeOver(): Promise<number> {
    let count = 0;
    for (const file of await this.#listNames()) {
      if (file.owner === this.owner) continue;
      const found = await this.#stat(file.name);
      if (!found || !isAbandoned(file, found.mtimeMs, Date.now())) continue;
      if (await this.#rename(file, formatSpoolName(file.fileId, this.owner))) count++;
    }
    return count;
  }

  /** Marks this process as alive. */
  async touch(): Promise<void> {
    const now = new Date();
    for (const fileId of await this.listOwn()) await utimes(this.getPath(fileId), now, now).catch(rethrowUnlessMissing);
  }

  /** Releases own files, so that another process can take them. */
  async release(): Promise<void> {
    for (const file of await this.#listNames())
      if (file.owner === this.owner) await this.#rename(file, formatUnownedName(file.fileId));
  }

  /** False: another process was faster. */
  async #rename({ name }: SpoolName, to: string): Promise<boolean> {
    try {
      await rename(join(this.path, name), join(this.path, to));
      return true;
    } catch (error) {
      rethrowUnlessMissing(error);
      return false;
    }
  }

  async #stat(name: string): Promise<{ size: number; mtimeMs: number } | null> {
    return stat(join(this.path, name)).catch((error: unknown) => {
      rethrowUnlessMissing(error);
      return null;
    });
  }

  async #listNames(): Promise<SpoolName[]> {
    const names = await readdir(this.path).catch((error: unknown) => {
      rethrowUnlessMissing(error);
      return [];
    });
    return names
      .sort()
      .map(parseSpoolName)
      .filter((name) => name !== null);
  }
}

/** Throws every error except ENOENT. */
export function rethrowUnlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
