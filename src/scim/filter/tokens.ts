/** Splits a filter into words, quoted text and brackets. */

const TOKEN = /\s*([()[\]]|"(?:[^"\\]|\\.)*"|[^\s()[\]"]+)/y;

export class FilterTokens {
  readonly #tokens: readonly string[];
  #next = 0;

  /** Throws RangeError for text that cannot be split, such as an unclosed quote. */
  constructor(text: string) {
    const tokens: string[] = [];
    let end = 0;
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
      tokens.push(match[1]!);
      end = TOKEN.lastIndex;
    }
    if (text.slice(end).trim() !== '') throw new RangeError(text.slice(end, end + 20));
    this.#tokens = tokens;
  }

  /** Returns undefined at the end. */
  peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  read(): string | undefined {
    return this.#tokens[this.#next++];
  }

  /** Consumes the next word if it is this one, case-insensitively. Returns whether it was. */
  skip(token: string): boolean {
    if (this.peek()?.toLowerCase() !== token) return false;
    this.#next++;
    return true;
  }
}
