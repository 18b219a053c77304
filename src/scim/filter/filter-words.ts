/** Words, quoted text and brackets of a filter, one after the other. */

const WORD = /\s*([()[\]]|"(?:[^"\\]|\\.)*"|[^\s()[\]"]+)/y;

export class FilterWords {
  readonly #words: readonly string[];
  #next = 0;

  /** Throws RangeError for what cannot be told apart, such as text whose quote is never closed. */
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

  /** Undefined at the end. */
  peek(): string | undefined {
    return this.#words[this.#next];
  }

  take(): string | undefined {
    return this.#words[this.#next++];
  }

  /** Takes the next word if it is this one, in any case. */
  skip(word: string): boolean {
    if (this.peek()?.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }
}
