/**
 * Writes collected data shortly afterwards, outside the callers' path. Runs never overlap. A failed run is reported and
 * tried again, so data that `write` could not write must still be there for the next run.
 */
export class DelayedWrite {
  #timer: NodeJS.Timeout | undefined;
  #turns: Promise<void> = Promise.resolve();

  /** `delays` in milliseconds: from `soon` to the run, and from a failed run to the next. */
  constructor(
    private readonly write: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
    private readonly delays: { write: number; retry: number },
  ) {}

  /** Schedules a write. */
  soon(): void {
    this.#in(this.delays.write);
  }

  /** Writes immediately, after the run in progress. Rejects as `write` does; that write is then tried again. */
  flush(): Promise<void> {
    this.#cancel();
    const turn = this.#turns.then(() => this.write());
    this.#turns = turn.catch(() => this.#in(this.delays.retry));
    return turn;
  }

  /** Runs `write` a last time. A failure is reported, and not tried again. */
  async close(): Promise<void> {
    await this.flush().catch((error: unknown) => this.failed(error));
    this.#cancel();
  }

  #in(ms: number): void {
    this.#timer ??= setTimeout(() => void this.flush().catch((error: unknown) => this.failed(error)), ms).unref();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
