/** Those who wait until a record is safe, by the record's number. Records become safe in the order of their numbers. */
export class DurableWaits {
  #waits: { number: number; resolve: () => void; reject: (error: unknown) => void }[] = [];

  get isAny(): boolean {
    return this.#waits.length > 0;
  }

  /** `number` must be higher than those before. Rejects when the record cannot be made safe. */
  until(number: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waits.push({ number, resolve, reject }));
  }

  /** All records before `number` are safe. */
  safeBefore(number: number): void {
    const first = this.#waits.findIndex((wait) => wait.number >= number);
    for (const { resolve } of this.#waits.splice(0, first === -1 ? this.#waits.length : first)) resolve();
  }

  /** This one record will never be safe. */
  refuse(number: number, error: unknown): void {
    const at = this.#waits.findIndex((wait) => wait.number === number);
    if (at !== -1) this.#waits.splice(at, 1)[0]!.reject(error);
  }

  /** None of those that are waited for can be made safe now. */
  refuseAll(error: unknown): void {
    for (const { reject } of this.#waits.splice(0)) reject(error);
  }
}
