/** Reads and replaces the texts in a JSON document without building its objects: every other byte stays as it is. */

const UNICODE_ESCAPE = /\\u([0-9A-Fa-f]{4})/g;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Receives a text and a function for its JSON Pointer (RFC 6901), and returns the text to write in its place. */
export type TextVisitor = (text: string, pointer: () => string) => string;

/** Returns the document with each string value replaced by the result of `visit`. @throws SyntaxError */
export function replaceTexts(json: string, visit: TextVisitor): string {
  let result = '';
  let copiedEnd = 0;
  const path = new JsonPath();
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code !== QUOTE) {
      path.advance(code);
      continue;
    }
    const end = findStringEnd(json, at);
    const raw = json.slice(at, end);
    if (path.expectsName) path.setName(raw);
    else {
      const text = raw.includes('\\') ? decodeString(raw) : raw.slice(1, -1);
      const replaced = visit(text, () => path.toPointer());
      if (replaced !== text) {
        result += json.slice(copiedEnd, at) + JSON.stringify(replaced);
        copiedEnd = end;
      }
    }
    at = end - 1;
  }
  return copiedEnd === 0 ? json : result + json.slice(copiedEnd);
}

/** Decodes the text between the quotes. An invalid escape stays as it is: some servers read it literally. */
function decodeString(raw: string): string {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return raw
      .slice(1, -1)
      .replace(UNICODE_ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/\\(["\\/])/g, '$1');
  }
}

/** Returns the offset after the closing quote of the string that begins at `start`. */
function findStringEnd(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let run = quote;
    while (json.charCodeAt(run - 1) === BACKSLASH) run--;
    if ((quote - run) % 2 === 0) return quote + 1;
  }
  throw new SyntaxError('a string that does not end');
}

/** Position of a walk through a document. Names are kept as written. */
class JsonPath {
  /** For each open container: the member's name with its quotes, or the element's index; null before the first name. */
  readonly #steps: (string | number | null)[] = [];
  expectsName = false;

  advance(code: number): void {
    const steps = this.#steps;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      steps.push(code === OPEN_BRACE ? null : 0);
      this.expectsName = code === OPEN_BRACE;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      steps.pop();
      this.expectsName = false;
    } else if (code === COMMA) {
      const step = steps.at(-1);
      if (typeof step === 'number') steps[steps.length - 1] = step + 1;
      else this.expectsName = step !== undefined;
    }
  }

  setName(raw: string): void {
    this.#steps[this.#steps.length - 1] = raw;
    this.expectsName = false;
  }

  toPointer(): string {
    return this.#steps.map((step) => `/${typeof step === 'string' ? escapeName(step) : step}`).join('');
  }
}

const escapeName = (raw: string): string => (JSON.parse(raw) as string).replaceAll('~', '~0').replaceAll('/', '~1');
