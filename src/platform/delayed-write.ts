/**
 * Writes what was gathered a moment later, off everybody's path. Turns never overlap; one that fails is told and tried
 * again, so whatever `write` could not write has to be there for the next turn.
 */
export class DelayedWrite {
  #timer: NodeJS.Timeout | undefined;
  #turns: Promise<void> = Promise.resolve();

  /** `delays` in milliseconds: from `soon` to the turn, and from one that failed to the next. */
  constructor(
    private readonly write: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
    private readonly delays: { write: number; retry: number },
  ) {}

  /** There is something to write. */
  soon(): void {
    this.#in(this.delays.write);
  }

  /** Writes at once, after the turn under way. Rejects as `write` does, which is tried again then. */
  flush(): Promise<void> {
    this.#cancel();
    const turn = this.#turns.then(() => this.write());
    this.#turns = turn.catch(() => this.#in(this.delays.retry));
    return turn;
  }

  /** The last turn. What it does not write is told, and not tried again. */
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
