import { decodeLatin1, MAX_EVENT_CHARS } from './sse.js';

const LINE_FEED = 0x0a;

/**
 * Extracts lines from a stream of JSON lines as its bytes pass, regardless of how they are cut. Keeps only the
 * incomplete line. `onLine` receives a line as a latin1 string, one character per byte; empty lines are skipped.
 */
export class LineReader {
  #line = '';
  #isTooLong = false;

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Uint8Array): void {
    const text = decodeLatin1(chunk);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const line = this.#line + text.slice(from, end);
      const isRead = !this.#isTooLong && line.trim() !== '';
      this.#line = '';
      this.#isTooLong = false;
      if (isRead) this.onLine(line);
      from = end + 1;
    }
    if (from < text.length) this.#buffer(text.slice(from));
  }

  /** Returns the incomplete line so far, or null: a stream may end without its last line feed. */
  getRest(): string | null {
    return this.#line.trim() === '' ? null : this.#line;
  }

  #buffer(text: string): void {
    if (this.#isTooLong) return;
    this.#line += text;
    if (this.#line.length <= MAX_EVENT_CHARS) return;
    this.#line = '';
    this.#isTooLong = true;
  }
}

/** Whether a stream of JSON lines that ends like this is between two lines. */
export const isLineEnd = (tail: string): boolean => tail.charCodeAt(tail.length - 1) === LINE_FEED;
