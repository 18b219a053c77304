/** The members of a request that were left out, each named once, in the order they were met. */
export class Dropped {
  private readonly names = new Set<string>();

  add(name: string): void {
    this.names.add(name);
  }

  /** Null, false and a missing value ask for nothing: there is nothing to drop. */
  note(name: string, value: unknown): void {
    if (value !== undefined && value !== null && value !== false) this.names.add(name);
  }

  list(): string[] {
    return [...this.names];
  }
}
