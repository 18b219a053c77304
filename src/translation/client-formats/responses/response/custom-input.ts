/**
 * Extracts the text of a custom tool's call from the arguments `{"input": "…"}` of the function that represents the
 * tool.
 */
import { isObject } from '../../../pivot/body-shape.js';

const START = /^\s*\{\s*"input"\s*:\s*"/;
/**
 * Maximum length of the start, white space included. Arguments with more before the text are not streamed but read at
 * the end.
 */
const MAX_START_CHARS = 64;

/**
 * Returns the text, in any form that a model wrote: the member `input`, the only member, or the arguments as they are.
 */
export function readCustomInput(args: string): string {
  try {
    const value: unknown = JSON.parse(args);
    if (typeof value === 'string') return value;
    if (!isObject(value)) return args;
    if (typeof value['input'] === 'string') return value['input'];
    const values = Object.values(value);
    return values.length === 1 && typeof values[0] === 'string' ? values[0] : args;
  } catch {
    const reader = new CustomInput();
    reader.push(args);
    return reader.completeInput ?? args;
  }
}

/** Extracts the text while the arguments come in pieces. Returns only text that can no longer change. */
export class CustomInput {
  #args = '';
  #input = '';
  #state: 'start' | 'text' | 'ended' | 'odd' = 'start';
  /** An incomplete escape, or an upper surrogate that waits for its lower one. */
  #pending = '';

  /** Returns the text that this piece of the arguments adds. */
  push(chunk: string): string {
    this.#args += chunk;
    if (this.#state === 'text') return this.#take(chunk);
    if (this.#state !== 'start') return '';
    const start = START.exec(this.#args.slice(0, MAX_START_CHARS));
    if (start) {
      this.#state = 'text';
      return this.#take(this.#args.slice(start[0].length));
    }
    if (this.#args.length > MAX_START_CHARS) this.#state = 'odd';
    return '';
  }

  /** The input, once its closing quote has come; null before. */
  get completeInput(): string | null {
    return this.#state === 'ended' ? this.#input : null;
  }

  /** Returns the whole input, and the rest that `push` has not returned. */
  end(): { input: string; rest: string } {
    const input = this.completeInput ?? readCustomInput(this.#args);
    if (input.startsWith(this.#input)) return { input, rest: input.slice(this.#input.length) };
    return { input: this.#input, rest: '' };
  }

  #take(chunk: string): string {
    const text = this.#pending + chunk;
    let end = 0;
    for (; end < text.length; end++) {
      const c = text.charCodeAt(end);
      if (c === 0x22) {
        this.#state = 'ended';
        break;
      }
      if (c !== 0x5c) continue;
      const length = text[end + 1] === 'u' ? 6 : 2;
      if (end + length > text.length) break;
      end += length - 1;
    }
    this.#pending = this.#state === 'ended' ? '' : text.slice(end);
    let decodedText = decodeString(text.slice(0, end));
    if (decodedText === null) {
      this.#state = 'odd';
      return '';
    }
    if (this.#state !== 'ended' && /[\ud800-\udbff]$/.test(decodedText)) {
      const isEscaped = text[end - 1] !== decodedText.at(-1);
      this.#pending = text.slice(isEscaped ? end - 6 : end - 1);
      decodedText = decodedText.slice(0, -1);
    }
    this.#input += decodedText;
    return decodedText;
  }
}

/** Decodes the inside of a JSON string. Line ends that a model left unescaped are accepted. Null: invalid. */
function decodeString(inside: string): string | null {
  if (!inside.includes('\\')) return inside;
  try {
    return JSON.parse(`"${inside.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`) as string;
  } catch {
    return null;
  }
}
