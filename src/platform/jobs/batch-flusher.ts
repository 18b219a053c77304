/**
 * Writes collected data shortly afterwards, outside the callers' path. Runs never overlap. A failed run is reported and
 * tried again, so data that `write` could not write must still be there for the next run.
 */
export class BatchFlusher {
  #timer: NodeJS.Timeout | undefined;
  #lastRun: Promise<void> = Promise.resolve();

  /** `delays` in milliseconds: from `soon` to the run, and from a failed run to the next. */
  constructor(
    private readonly write: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
    private readonly delays: { write: number; retry: number },
  ) {}

  /** Schedules a write. */
  schedule(): void {
    this.#scheduleIn(this.delays.write);
  }

  /** Writes immediately, after the run in progress. Rejects as `write` does; that write is then tried again. */
  flush(): Promise<void> {
    this.#cancel();
    const run = this.#lastRun.then(() => this.write());
    this.#lastRun = run.catch(() => this.#scheduleIn(this.delays.retry));
    return run;
  }

  /** Runs `write` a last time. A failure is reported, and not tried again. */
  async close(): Promise<void> {
    await this.flush().catch((error: unknown) => this.onError(error));
    this.#cancel();
  }

  #scheduleIn(ms: number): void {
    this.#timer ??= setTimeout(() => void this.flush().catch((error: unknown) => this.onError(error)), ms).unref();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
