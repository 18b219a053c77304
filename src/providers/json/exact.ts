/**
 * JSON values that keep their spelling. `JSON.parse` reads 9007199254740993 as 9007199254740992, 1.0 as 1 and 1e400 as
 * Infinity; `JSON.stringify` then writes a different value. Arguments of tool calls and numbers of schemas therefore
 * pass through as text wherever they would not survive: as `RawJson` (a whole value), or as a marked string (one number
 * in an object that is otherwise read). `writeJson` copies that text into its output unchanged.
 */
import { randomBytes } from 'node:crypto';
import { skipString } from './text.js';

/** Clients cannot know this mark, so a client's text is never taken for marked. */
const MARK = `raw-json-${randomBytes(16).toString('hex')}:`;
const MARKED_STRING = `"${MARK}`;

/** Text without a match holds no number that could change: shorter integers survive. */
const MAY_CHANGE = /\d{16}|\d[.eE]|-0/;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

let isWriting = false;

/**
 * JSON value kept as its text. Only `writeJson` can serialize it: every other serializer throws instead of changing it.
 */
export class RawJson {
  /** @param text valid JSON */
  constructor(readonly text: string) {}

  toJSON(): string {
    if (!isWriting) throw new TypeError('a raw JSON value is written by writeJson alone');
    return MARK + this.text;
  }
}

/**
 * As `JSON.parse`, but returns a value with a number that would be written differently as `RawJson`. @throws
 * SyntaxError
 */
export function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return keepsNumbers(text) ? value : new RawJson(text);
}

/** As `parseExact`, for JSON objects. Returns null for other values and for text that is not JSON. */
export function parseExactObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return (keepsNumbers(text) ? value : new RawJson(text)) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/**
 * As `JSON.parse`, but returns a number that would be written differently as a marked string, for `writeJson`. @throws
 * SyntaxError
 */
export function parseMarked(text: string): unknown {
  return JSON.parse(keepsNumbers(text) ? text : markNumbers(text, survives));
}

/**
 * As `parseMarked`, for objects whose numbers are read: 1.0 is the number 1, and only a number that loses digits is
 * marked. @throws SyntaxError
 */
export function parseMarkedIfLossy(text: string): unknown {
  return JSON.parse(keepsNumbers(text) ? text : markNumbers(text, keepsValue));
}

/** As `JSON.stringify`, but writes raw values and marked numbers as their original text, except for line breaks. */
export function writeJson(value: unknown): string {
  const wasWriting = isWriting;
  isWriting = true;
  let json: string;
  try {
    json = JSON.stringify(value);
  } finally {
    isWriting = wasWriting;
  }
  return json.includes(MARK) ? removeMarks(json) : json;
}

/** Whether a value that `parseMarked` read is a number that only its text represents. */
export function isMarkedNumber(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith(MARK);
}

/** Returns the JSON text of a value; `RawJson` keeps its text including white space. */
export function getJsonText(value: unknown): string {
  return value instanceof RawJson ? value.text : writeJson(value);
}

/** Whether `JSON.stringify` writes each number of this valid JSON text as it is spelled here. */
export function keepsNumbers(text: string | Buffer): boolean {
  if (typeof text === 'string') {
    if (!MAY_CHANGE.test(text)) return true;
    text = Buffer.from(text);
  }
  for (let i = 0; i < text.length;) {
    const c = text[i]!;
    if (c === QUOTE) i = skipString(text, i);
    else if (c === MINUS || (c >= ZERO && c <= NINE)) {
      const end = findNumberEnd(text, i);
      if (!isShortInteger(text, i, end) && !survives(text.toString('latin1', i, end))) return false;
      i = end;
    } else i++;
  }
  return true;
}

function findNumberEnd(text: Buffer, start: number): number {
  let end = start + 1;
  for (;;) {
    const c = text[end];
    // digits, sign, point, e and E: nothing else is part of a number
    if (
      c === undefined ||
      !((c >= ZERO && c <= NINE) || c === 0x2e || c === 0x2b || c === MINUS || (c | 0x20) === 0x65)
    )
      return end;
    end++;
  }
}

/** Whether the number has up to 15 digits and no sign, as most numbers do. */
function isShortInteger(text: Buffer, start: number, end: number): boolean {
  if (end - start > 15) return false;
  for (let i = start; i < end; i++) if (text[i]! < ZERO || text[i]! > NINE) return false;
  return true;
}

const survives = (number: string): boolean => String(Number(number)) === number;

/** Whether the number has the same value after `JSON.parse`, regardless of its spelling. */
function keepsValue(number: string): boolean {
  return toDecimal(number) === toDecimal(String(Number(number)));
}

/** Returns sign, digits and exponent without superfluous zeros; null if the text is not a decimal number (Infinity). */
function toDecimal(number: string): string | null {
  const [, sign, integer, fraction = '', exponent = '0'] = NUMBER.exec(number) ?? [];
  if (integer === undefined) return null;
  const digits = (integer + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

function markNumbers(json: string, isKept: (number: string) => boolean): string {
  const text = Buffer.from(json);
  let marked = '';
  let from = 0;
  for (let i = 0; i < text.length;) {
    const c = text[i]!;
    if (c === QUOTE) i = skipString(text, i);
    else if (c === MINUS || (c >= ZERO && c <= NINE)) {
      const end = findNumberEnd(text, i);
      const number = text.toString('latin1', i, end);
      if (!isKept(number)) {
        marked += `${text.toString('utf8', from, i)}${MARKED_STRING}${number}"`;
        from = end;
      }
      i = end;
    } else i++;
  }
  return marked + text.toString('utf8', from);
}

function removeMarks(json: string): string {
  let result = '';
  let from = 0;
  for (let at = json.indexOf(MARKED_STRING); at >= 0; at = json.indexOf(MARKED_STRING, at + 1)) {
    // within another string's text
    if (json.charCodeAt(at - 1) === BACKSLASH) continue;
    const end = findStringEnd(json, at);
    const text = (JSON.parse(json.slice(at, end)) as string).slice(MARK.length);
    result += json.slice(from, at) + toOneLine(text);
    from = end;
    at = end - 1;
  }
  return result + json.slice(from);
}

/** Returns the offset after the closing quote of the string that begins at `start`. */
function findStringEnd(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); ; quote = json.indexOf('"', quote + 1)) {
    let run = quote;
    while (json.charCodeAt(run - 1) === BACKSLASH) run--;
    if ((quote - run) % 2 === 0) return quote + 1;
  }
}

/**
 * Replaces line breaks, which occur only between tokens and would end a line of an event stream, and escapes lone
 * surrogates, which are not valid UTF-8.
 */
function toOneLine(text: string): string {
  const line = text.replace(/[\r\n]/g, ' ');
  return line.replace(LONE_SURROGATE, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
