/**
 * Promises that settle when a record is durable, by the record's number. Records become durable in the order of their
 * numbers.
 */
export class DurableWaits {
  #waits: { number: number; resolve: () => void; reject: (error: unknown) => void }[] = [];

  get isAny(): boolean {
    return this.#waits.length > 0;
  }

  /** `number` must be higher than all before. Rejects when the record cannot be made durable. */
  waitFor(number: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waits.push({ number, resolve, reject }));
  }

  /** Resolves the waits for all records before `number`. */
  resolveBefore(number: number): void {
    const first = this.#waits.findIndex((wait) => wait.number >= number);
    for (const { resolve } of this.#waits.splice(0, first === -1 ? this.#waits.length : first)) resolve();
  }

  /** Rejects the wait for one record that will never be durable. */
  reject(number: number, error: unknown): void {
    const at = this.#waits.findIndex((wait) => wait.number === number);
    if (at !== -1) this.#waits.splice(at, 1)[0]!.reject(error);
  }

  /** Rejects all waits: none of their records can be made durable now. */
  rejectAll(error: unknown): void {
    for (const { reject } of this.#waits.splice(0)) reject(error);
  }
}
