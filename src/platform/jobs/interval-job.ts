/** Runs a job at the start and then at intervals. A failed run is reported; the next one runs on schedule. */
export class RepeatedTurn {
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(
    private readonly job: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
    private readonly everyMs: number,
  ) {}

  /** Long jobs check this between their steps. */
  get isOver(): boolean {
    return this.#isOver;
  }

  start(): void {
    this.#take();
    this.#timer = setInterval(() => this.#take(), this.everyMs).unref();
  }

  /** Waits for the run in progress. */
  async stop(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#turn;
  }

  #take(): void {
    this.#turn = this.job().catch((error: unknown) => this.failed(error));
  }
}
