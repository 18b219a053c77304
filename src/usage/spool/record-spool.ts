/**
 * Stores records while the database is unavailable: NDJSON files in `<DATA_DIR>/spool`, one per process and hour.
 * Records are replayed in the order of arrival, and a file is removed once the database has all of it. Files left by a
 * crash are taken over by the next process that looks for them. `append` may run concurrently with itself and with the
 * other methods; of the others only one at a time.
 */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { SpoolDirectory, rethrowUnlessMissing } from './directory.js';
import { SpoolFile } from './file.js';
import { readSpoolBatches } from './lines.js';
import { createFileId, createOwner } from './file-name.js';

const HOUR_MS = 60 * 60_000;

@Injectable()
export class RecordSpool {
  readonly #directory: SpoolDirectory;
  #current: SpoolFile | null = null;
  /** Own files closed for appending, oldest first. */
  #closedFileIds: string[] = [];
  /** Batches of the oldest file that the database already has. */
  #batchesDone = 0;
  /** The last pending operation that writes or closes the current file. */
  #lastJob: Promise<unknown> = Promise.resolve();
  #written = 0;
  #replayed = 0;
  #torn = 0;
  #bytes = 0;

  constructor(private readonly config: AppConfig) {
    this.#directory = new SpoolDirectory(join(config.database.dataDir, 'spool'), createOwner());
  }

  get path(): string {
    return this.#directory.path;
  }

  get isEmpty(): boolean {
    return this.#current === null && this.#closedFileIds.length === 0;
  }

  /** Size of the directory in bytes, when last measured. */
  get bytes(): number {
    return this.#bytes;
  }

  get files(): number {
    return this.#closedFileIds.length + (this.#current ? 1 : 0);
  }

  /** Records written to the disk. */
  get written(): number {
    return this.#written;
  }

  /** Records handed back from the disk. */
  get replayed(): number {
    return this.#replayed;
  }

  /** Lines left unreadable by a crash or a full disk. */
  get torn(): number {
    return this.#torn;
  }

  /**
   * Writes as many rows as fit, and returns their number. Once it resolves they survive a crash. Rejects when the disk
   * fails.
   */
  append(rows: readonly string[]): Promise<number> {
    return this.#enqueue(() => this.#append(rows));
  }

  /**
   * Passes all rows to `insert`, oldest first, `size` at a time. Rejects when `insert` does; the next call resumes
   * there.
   */
  async replay(insert: (rows: readonly string[]) => Promise<void>, size: number): Promise<void> {
    for (;;) {
      if (this.#closedFileIds.length === 0) await this.#seal();
      const oldest = this.#closedFileIds[0];
      if (oldest === undefined) return;
      await this.#replayFile(oldest, insert, size);
      this.#closedFileIds.shift();
      this.#batchesDone = 0;
    }
  }

  /** Rejects with the system's error if the disk cannot take records now. */
  probe(): Promise<void> {
    return this.#directory.probe();
  }

  /** Takes over files of terminated processes, and marks this process as alive. */
  async takeOver(): Promise<void> {
    await this.#directory.touch();
    if ((await this.#directory.takeOver()) > 0) {
      this.#closedFileIds = (await this.#directory.listOwn()).filter((fileId) => fileId !== this.#current?.fileId);
      this.#batchesDone = 0;
    }
    this.#bytes = await this.#directory.measureSize();
  }

  /** Releases the remaining files to the next process, at termination. */
  async release(): Promise<void> {
    await this.#seal();
    await this.#directory.release();
    this.#closedFileIds = [];
  }

  async #append(rows: readonly string[]): Promise<number> {
    this.#bytes = await this.#directory.measureSize();
    const text = Buffer.from(rows.map((row) => `${row}\n`).join(''));
    const { taken: count, bytes } = countFitting(rows, text, this.config.records.spoolMaxBytes - this.#bytes);
    if (count === 0) return 0;
    const file = await this.#open();
    try {
      await file.append(text.subarray(0, bytes));
    } catch (error) {
      await this.#close();
      throw error;
    }
    this.#bytes += bytes;
    this.#written += count;
    return count;
  }

  async #replayFile(fileId: string, insert: (rows: readonly string[]) => Promise<void>, size: number): Promise<void> {
    const path = this.#directory.getPath(fileId);
    const file = await open(path, 'r').catch(rethrowUnlessMissing);
    if (!file) return;
    try {
      let batch = 0;
      for await (const { rows, torn } of readSpoolBatches(file, size)) {
        if (batch++ < this.#batchesDone) continue;
        if (rows.length > 0) await insert(rows);
        this.#batchesDone = batch;
        this.#replayed += rows.length;
        this.#torn += torn;
      }
    } finally {
      await file.close();
    }
    await rm(path, { force: true });
    this.#bytes = await this.#directory.measureSize();
  }

  async #open(): Promise<SpoolFile> {
    const now = new Date();
    const hour = Math.floor(now.getTime() / HOUR_MS);
    if (this.#current && this.#current.hour !== hour) await this.#close();
    if (this.#current) return this.#current;
    await this.#directory.create();
    const fileId = createFileId(now);
    const file = await SpoolFile.create(fileId, hour, this.#directory.getPath(fileId));
    this.#current = file;
    await this.#directory.sync();
    return file;
  }

  #seal(): Promise<void> {
    return this.#enqueue(() => this.#close());
  }

  #enqueue<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#lastJob.then(job);
    this.#lastJob = done.catch(() => undefined);
    return done;
  }

  async #close(): Promise<void> {
    const file = this.#current;
    if (!file) return;
    this.#current = null;
    this.#closedFileIds.push(file.fileId);
    await file.close();
  }
}

/** Returns the leading rows of `text` that fit into `maxBytes` bytes. */
function countFitting(rows: readonly string[], text: Buffer, maxBytes: number): { taken: number; bytes: number } {
  if (text.length <= maxBytes) return { taken: rows.length, bytes: text.length };
  let taken = 0;
  let bytes = 0;
  for (const row of rows) {
    const length = Buffer.byteLength(row) + 1;
    if (bytes + length > maxBytes) break;
    bytes += length;
    taken++;
  }
  return { taken, bytes };
}
