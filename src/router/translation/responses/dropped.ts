/** More than these would not help anybody, and a header has its limits. */
const MAX_NAMES = 40;
const MAX_NAME_CHARS = 80;

/** The members of a request that were left out, each named once, in the order they were met, in words that a header can hold. */
export class Dropped {
  private readonly names = new Set<string>();

  add(name: string): void {
    if (this.names.size < MAX_NAMES) this.names.add(name.slice(0, MAX_NAME_CHARS).replaceAll(/[^!-~]|,/g, '?'));
  }

  /** Null, false and a missing value ask for nothing: there is nothing to drop. */
  note(name: string, value: unknown): void {
    if (value !== undefined && value !== null && value !== false) this.add(name);
  }

  list(): string[] {
    return [...this.names];
  }
}
