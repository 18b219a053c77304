/**
 * The only session of the embedded database. PostgreSQL ends a server process that cannot write its log or a checkpoint
 * (severity PANIC, as on a full disk) and recovers when the next one starts. PGlite has no process to end: the
 * statement, or the next one, spins forever and blocks the whole program. So nothing is written while the disk lacks
 * space for more log. An instance that panicked nevertheless is never used again: the database is reopened, which
 * recovers it from its log.
 */
import { statfsSync } from 'node:fs';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';

/** Bytes that must be free for a write: two segments of PostgreSQL's log (wal_segment_size). */
const RESERVE_BYTES = 2 * 16 * 1024 * 1024;

/** Between a stop, or a failure to open, and the next attempt: each attempt costs this process about a second. */
const REOPEN_MS = 5_000;

/** Error severities after which the PostgreSQL process has ended (PostgreSQL, "Message Severity Levels"). */
const ENDING_SEVERITIES: ReadonlySet<unknown> = new Set(['PANIC', 'FATAL']);
/** Errors of a WebAssembly program that has ended: a trap, or Emscripten's exit. */
const ENDING_NAMES: ReadonlySet<unknown> = new Set(['RuntimeError', 'ExitStatus']);

/** An outage: the request may be repeated. */
export class EmbeddedDatabaseUnavailable extends Error {
  constructor(problem: string, cause: unknown) {
    super(
      `the embedded database ${problem}: ${formatCause(cause)}. Check that DATA_DIR is writable and that its disk has room`,
      {
        cause,
      },
    );
    this.name = 'EmbeddedDatabaseUnavailable';
  }
}

export interface PgliteSessionOptions {
  /** Called when the instance in use has stopped. */
  onStop?: () => void;
  /** Opens an instance. */
  create?: (options: PGliteOptions) => Promise<PGlite>;
  /** Returns the free bytes on the disk of a directory. */
  readFreeBytes?: (directory: string) => number;
}

export class PgliteSession {
  #opened: Promise<PGlite> | undefined;
  #failure: EmbeddedDatabaseUnavailable | null = null;
  /** Monotonic milliseconds. */
  #failedAt = -Infinity;
  readonly #stopped = new WeakSet<PGlite>();

  constructor(
    private readonly options: PGliteOptions,
    private readonly session: PgliteSessionOptions,
  ) {}

  /** Returns the instance in use, or a new one. Rejects immediately between two attempts. */
  open(): Promise<PGlite> {
    if (this.#opened) return this.#opened;
    if (this.#failure && (this.#isInMemory || performance.now() - this.#failedAt < REOPEN_MS))
      return Promise.reject(this.#failure);
    return (this.#opened = this.#create());
  }

  /**
   * Runs a statement on an instance. Rejects with `EmbeddedDatabaseUnavailable` if the instance has stopped, or stops
   * during the statement.
   */
  async use<T>(db: PGlite, statement: () => Promise<T>): Promise<T> {
    if (this.#stopped.has(db)) throw this.#failure ?? new EmbeddedDatabaseUnavailable('has stopped', null);
    try {
      return await statement();
    } catch (error) {
      throw isFatal(error) ? this.#stop(db, error) : error;
    }
  }

  /** Call it before a write. Throws `EmbeddedDatabaseUnavailable` when the disk is full or nearly full. */
  assertRoom(): void {
    const { dataDir } = this.options;
    if (dataDir === undefined || this.#isInMemory) return;
    const { readFreeBytes: freeBytes = readFreeBytes } = this.session;
    const free = freeBytes(dataDir);
    if (free < RESERVE_BYTES) throw new EmbeddedDatabaseUnavailable('takes no writes', `${free} bytes are free`);
  }

  async close(): Promise<void> {
    const db = await this.#opened?.catch(() => undefined);
    if (db && !db.closed) await db.close();
  }

  /** A database in memory is lost with its instance; an empty replacement would be worse than none. */
  get #isInMemory(): boolean {
    return this.options.dataDir?.startsWith('memory://') === true;
  }

  async #create(): Promise<PGlite> {
    const { create = (options) => PGlite.create(options) } = this.session;
    try {
      return await create({ relaxedDurability: false, ...this.options });
    } catch (error) {
      throw this.#fail('cannot be opened', error);
    }
  }

  #stop(db: PGlite, error: unknown): EmbeddedDatabaseUnavailable {
    this.#stopped.add(db);
    const failure = this.#fail('has stopped', error);
    this.session.onStop?.();
    return failure;
  }

  #fail(problem: string, cause: unknown): EmbeddedDatabaseUnavailable {
    this.#opened = undefined;
    this.#failedAt = performance.now();
    return (this.#failure = new EmbeddedDatabaseUnavailable(problem, cause));
  }
}

function isFatal(error: unknown): boolean {
  const { severity, name } = (error ?? {}) as { severity?: unknown; name?: unknown };
  return ENDING_SEVERITIES.has(severity) || ENDING_NAMES.has(name);
}

/** Emscripten's file system throws objects with an `errno` and no message. */
function formatCause(cause: unknown): string {
  const { message, name, errno } = (cause ?? {}) as { message?: unknown; name?: unknown; errno?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return typeof name === 'string' && typeof errno === 'number' ? `${name} ${errno}` : String(cause);
}

function readFreeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
