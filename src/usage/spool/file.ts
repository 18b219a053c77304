/**
 * The spool file that is being appended to. Once `append` resolves, a batch is on the disk; when the write fails, the
 * file is truncated to its previous length.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';

export class SpoolFile {
  #length = 0;

  private constructor(
    readonly fileId: string,
    /** The hour in which it was created, counted from 1970. */
    readonly hour: number,
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  static async create(fileId: string, hour: number, path: string): Promise<SpoolFile> {
    return new SpoolFile(fileId, hour, path, await open(path, 'ax', 0o600));
  }

  /** Rejects when the disk fails, or when another process has taken the file over. */
  async append(text: Buffer): Promise<void> {
    try {
      await this.file.appendFile(text);
      await this.file.datasync();
    } catch (error) {
      await this.file.truncate(this.#length).catch(() => undefined);
      throw error;
    }
    // A process that took the file over before this moment may not have read the rows just written.
    await stat(this.path);
    this.#length += text.length;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
