/**
 * JSON lines on standard output. Lines are gathered and written together: a system call per line would cost more than
 * the line. Headers and bodies are never logged; what is logged is named field by field.
 */
import type { LoggerService } from '@nestjs/common';
import { destination, pino, stdTimeFunctions, type Logger } from 'pino';

// A line waits at most this long; a crash flushes first (see serve.ts).
const FLUSH_MS = 200;
// Just below the size that the writer passes to the system in one call. It writes in this thread: waking another thread
// for a write of this size takes many times as long as the write.
const BUFFER_BYTES = 16 * 1024 - 1;

/** About 10 KB of call lines. */
const MAX_BUFFERED_LINES = 32;

export interface LogSink {
  write(line: string): void;
}

export class AppLogger implements LoggerService {
  readonly pino: Logger;
  readonly #sink: LogSink;
  /**
   * Lines of `writeLine` that wait. They are passed on together, because the stream measures each text that it
   * receives.
   */
  #lines: string[] = [];
  readonly #flush: () => void;
  readonly #timer: NodeJS.Timeout | undefined;

  /** `sink` replaces standard output, for tests. */
  constructor(level: string, sink?: LogSink) {
    const options = {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
    };
    if (sink) {
      this.#sink = { write: (line) => sink.write(line) };
      this.pino = pino(options, sink);
      this.#flush = () => undefined;
      return;
    }
    const stream = destination({ fd: 1, sync: true, minLength: BUFFER_BYTES });
    this.#sink = stream;
    this.pino = pino(options, stream);
    this.#flush = () => stream.flushSync();
    this.#timer = setInterval(() => {
      this.#flushLines();
      stream.flush();
    }, FLUSH_MS).unref();
  }

  /**
   * Writes a line that was built elsewhere, newline included. For the only kind of line that is written per LLM call:
   * building it by hand costs a fraction of pino's time. Check `pino.isLevelEnabled` first.
   */
  writeLine(line: string): void {
    this.#lines.push(line);
    if (this.#timer === undefined || this.#lines.length >= MAX_BUFFERED_LINES) this.#flushLines();
  }

  #flushLines(): void {
    if (this.#lines.length === 0) return;
    this.#sink.write(this.#lines.join(''));
    this.#lines = [];
  }

  /** Writes the lines that still wait. Call it before the process ends. */
  close(): void {
    clearInterval(this.#timer);
    try {
      this.#flushLines();
      this.#flush();
    } catch {
      // Standard output may be closed already; the error cannot be reported anywhere.
    }
  }

  log(message: unknown, context?: string): void {
    this.pino.debug({ context }, String(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    this.pino.error({ context, stack }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.pino.warn({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.pino.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.pino.trace({ context }, String(message));
  }
}
