/** Splits a filter into words, quoted text and brackets. */

const WORD = /\s*([()[\]]|"(?:[^"\\]|\\.)*"|[^\s()[\]"]+)/y;

export class FilterWords {
  readonly #words: readonly string[];
  #next = 0;

  /** Throws RangeError for text that cannot be split, such as an unclosed quote. */
  constructor(text: string) {
    const words: string[] = [];
    let end = 0;
    WORD.lastIndex = 0;
    for (let match = WORD.exec(text); match; match = WORD.exec(text)) {
      words.push(match[1]!);
      end = WORD.lastIndex;
    }
    if (text.slice(end).trim() !== '') throw new RangeError(text.slice(end, end + 20));
    this.#words = words;
  }

  /** Returns undefined at the end. */
  peek(): string | undefined {
    return this.#words[this.#next];
  }

  take(): string | undefined {
    return this.#words[this.#next++];
  }

  /** Consumes the next word if it is this one, case-insensitively. Returns whether it was. */
  skip(word: string): boolean {
    if (this.peek()?.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }
}
