/** Maximum number of names. More would not help a reader, and a header has its limits. */
const MAX_NAMES = 40;
const MAX_NAME_CHARS = 80;

/**
 * Members of a request that were left out, each named once, in the order in which they occurred, in characters that a
 * header can hold.
 */
export class DroppedNames {
  readonly #names = new Set<string>();

  add(name: string): void {
    if (this.#names.size < MAX_NAMES) this.#names.add(name.slice(0, MAX_NAME_CHARS).replaceAll(/[^!-~]|,/g, '?'));
  }

  /** Adds the name unless the value is missing, null or false: those ask for nothing, so nothing is dropped. */
  note(name: string, value: unknown): void {
    if (value !== undefined && value !== null && value !== false) this.add(name);
  }

  list(): string[] {
    return [...this.#names];
  }
}
