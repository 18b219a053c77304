/** Runs a job at the start and then at intervals. A failed run is reported; the next one runs on schedule. */
export class IntervalJob {
  #timer: NodeJS.Timeout | undefined;
  #run: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    private readonly job: () => Promise<void>,
    private readonly onError: (error: unknown) => void,
    private readonly intervalMs: number,
  ) {}

  /** Long jobs check this between their steps. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(): void {
    this.#startRun();
    this.#timer = setInterval(() => this.#startRun(), this.intervalMs).unref();
  }

  /** Waits for the run in progress. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#run;
  }

  #startRun(): void {
    this.#run = this.job().catch((error: unknown) => this.onError(error));
  }
}
