/** Patterns in which `*` matches any characters, including none. Pure; compiled once. */

export class Wildcard {
  readonly #parts: readonly string[];

  constructor(pattern: string) {
    this.#parts = pattern.split('*');
  }

  /**
   * Matches greedily from the left: linear in the length of the text for each part, and no part is tried twice at one
   * index.
   */
  matches(text: string): boolean {
    const parts = this.#parts;
    const first = parts[0]!;
    if (parts.length === 1) return text === first;
    const last = parts.at(-1)!;
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= text.length - last.length;
  }
}
