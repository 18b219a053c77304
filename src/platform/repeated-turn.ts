/** A job that is done at the start and from then on at intervals. A turn that fails is told; the next one comes in its time. */
export class RepeatedTurn {
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(
    private readonly job: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
    private readonly everyMs: number,
  ) {}

  /** A long job looks here between its steps. */
  get isOver(): boolean {
    return this.#isOver;
  }

  start(): void {
    this.#take();
    this.#timer = setInterval(() => this.#take(), this.everyMs).unref();
  }

  /** Waits for the turn under way. */
  async stop(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#turn;
  }

  #take(): void {
    this.#turn = this.job().catch((error: unknown) => this.failed(error));
  }
}
