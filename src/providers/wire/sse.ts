/**
 * Extracts the data from a stream of server-sent events (WHATWG HTML §9.2) as its bytes pass, regardless of how they
 * are cut. It only reads, and keeps only the incomplete event.
 */

/**
 * Maximum size of an event that is read (images as base64 reach some megabytes), so that a stream cannot fill the
 * memory.
 */
export const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/**
 * `onData` receives the joined data of each event as a latin1 string, one character per byte: characters are never
 * split, and no decoding is necessary. `decodeJson` parses such data.
 */
export class SseReader {
  #line = '';
  #data: string | null = null;
  #isTooLong = false;
  /** Whether the last chunk ended with a CR: an LF directly after it belongs to the same line end. */
  #afterCr = false;
  #isFirstLine = true;

  constructor(private readonly onData: (data: string) => void) {}

  push(chunk: Uint8Array): void {
    let text = decodeLatin1(chunk);
    if (this.#afterCr && text.length > 0) {
      this.#afterCr = false;
      if (text.charCodeAt(0) === 0x0a) text = text.slice(1);
    }
    if (text.includes('\r')) {
      this.#afterCr = text.endsWith('\r');
      text = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
    }
    let from = 0;
    let end = text.indexOf('\n');
    if (end < 0) return this.#buffer(text);
    if (this.#line !== '' || this.#isTooLong) {
      if (!this.#isTooLong) this.#take(this.#line + text.slice(0, end));
      this.#line = '';
      this.#isTooLong = false;
      from = end + 1;
      end = text.indexOf('\n', from);
    }
    for (; end >= 0; end = text.indexOf('\n', from)) {
      this.#take(text.slice(from, end));
      from = end + 1;
    }
    if (from < text.length) this.#buffer(text.slice(from));
  }

  /** Returns the data of the incomplete event so far: a stream may end without its last empty line. */
  getRest(): string | null {
    const last = readDataField(this.#isFirstLine ? removeByteOrderMark(this.#line) : this.#line);
    if (last === null) return this.#data;
    return this.#data === null ? last : `${this.#data}\n${last}`;
  }

  #buffer(text: string): void {
    if (this.#isTooLong) return;
    this.#line += text;
    if (this.#line.length <= MAX_EVENT_CHARS) return;
    this.#line = '';
    this.#isTooLong = true;
  }

  #take(line: string): void {
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      line = removeByteOrderMark(line);
    }
    if (line === '') {
      if (this.#data !== null) this.onData(this.#data);
      this.#data = null;
      return;
    }
    const value = readDataField(line);
    if (value === null) return;
    if (this.#data === null) this.#data = value;
    else if (this.#data.length + value.length < MAX_EVENT_CHARS) this.#data += `\n${value}`;
  }
}

/** Removes a byte order mark, which is not part of the stream. */
const removeByteOrderMark = (line: string): string => (line.startsWith('\u00ef\u00bb\u00bf') ? line.slice(3) : line);

/** Returns the value of a `data` field, or null for other lines. */
function readDataField(line: string): string | null {
  if (line.charCodeAt(0) !== 0x64 || !line.startsWith('data:')) return null;
  return line.slice(line.charCodeAt(5) === 0x20 ? 6 : 5);
}

/** Parses one JSON object from latin1 text; returns null if the text is not an object. */
export function decodeJson(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(data, 'latin1').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export function decodeLatin1(chunk: Uint8Array): string {
  const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return bytes.toString('latin1');
}
