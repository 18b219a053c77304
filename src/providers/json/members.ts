/**
 * Reads single members of a JSON object in a buffer, exactly and without building the object: what a request asks for,
 * and the usage in a response. All other text is skipped (see `text.ts`).
 */
import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import { findStringFault, JsonFault, skipColon, skipSpace, skipString, skipValue } from './text.js';

/**
 * Bodies up to this size also have their strings checked (1 ns a byte), so that a bad escape is reported here and not
 * by the vendor.
 */
const READ_STRINGS_UP_TO_BYTES = 16 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Offsets of a member's value: `end` is the offset after its last byte. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Result of `scanMembers`: one entry for each requested key, in their order; `open` and `close` are the offsets of the
 * braces.
 */
export interface JsonMembers {
  readonly values: readonly (JsonSpan | undefined)[];
  readonly open: number;
  readonly close: number;
  readonly isEmpty: boolean;
}

/** Member names to look for. Create it once per kind of text, not per call. */
export class MemberKeys {
  #all: readonly string[];
  readonly #folded: ReadonlySet<string>;
  readonly #firstLabel: number;

  constructor(...names: string[]) {
    this.#all = names;
    this.#folded = new Set(names.map(fold));
    this.#firstLabel = names.length;
  }

  /**
   * Adds labels after the names. No decision of the gateway depends on a label: a repeated label or one in another case
   * is not a fault.
   */
  static withLabels(names: readonly string[], labels: readonly string[]): MemberKeys {
    const keys = new MemberKeys(...names);
    keys.#all = [...names, ...labels];
    return keys;
  }

  get names(): readonly string[] {
    return this.#all;
  }

  isLabel(index: number): boolean {
    return index >= this.#firstLabel;
  }

  /**
   * Returns the index of the name between the quotes at `start - 1` and `end`, or -1. A name spelled with escapes is
   * the same name. A name that differs only in case is a fault, since some servers (those in Go) would treat it as the
   * same.
   */
  indexOf(text: Buffer, start: number, end: number): number {
    const names = this.#all;
    search: for (let n = 0; n < names.length; n++) {
      const name = names[n]!;
      if (name.length !== end - start) continue;
      for (let i = 0; i < name.length; i++) if (text[start + i] !== name.charCodeAt(i)) continue search;
      return n;
    }
    return isPlain(text, start, end) ? -1 : this.#indexOfUnusual(text, start, end);
  }

  #indexOfUnusual(text: Buffer, start: number, end: number): number {
    let name: string;
    try {
      name = JSON.parse(text.toString('utf8', start - 1, end + 1)) as string;
    } catch {
      throw new JsonFault('a member name with a bad escape', start);
    }
    const index = this.#all.indexOf(name);
    if (index < 0 && this.#folded.has(fold(name)))
      throw new JsonFault(`a member name written in another case (${name})`, start);
    return index;
  }
}

/** Folds case as Go's encoding/json does, including the long s and the Kelvin sign (the latter by toLowerCase). */
function fold(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's');
}

/**
 * Whether the name is lower-case ASCII without escapes. Such a name cannot be another spelling of a name that did not
 * match byte for byte, unless that has capitals.
 */
function isPlain(text: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = text[i]!;
    if (c === 0x5c || c > 0x7e || (c >= 0x41 && c <= 0x5a)) return false;
  }
  return true;
}

/**
 * Returns the requested members of the object that begins at `from` (white space before it is skipped). Text after the
 * object is not read.
 * @throws JsonFault on bad structure, or when a requested key that is not a label appears twice
 */
export function scanMembers(text: Buffer, keys: MemberKeys, from = 0): JsonMembers {
  const open = skipSpace(text, from);
  if (text[open] !== OPEN_BRACE) throw new JsonFault('an object is expected', open);
  const values: (JsonSpan | undefined)[] = new Array<JsonSpan | undefined>(keys.names.length).fill(undefined);
  let i = skipSpace(text, open + 1);
  if (text[i] === CLOSE_BRACE) return { values, open, close: i, isEmpty: true };
  for (;;) {
    if (text[i] !== QUOTE) throw new JsonFault('a member name in double quotes is missing', i);
    const nameEnd = skipString(text, i);
    const index = keys.indexOf(text, i + 1, nameEnd - 1);
    const start = skipSpace(text, skipColon(text, nameEnd));
    const end = skipValue(text, start);
    if (index >= 0) {
      if (values[index] !== undefined && !keys.isLabel(index))
        throw new JsonFault(`a second "${keys.names[index]}"`, i);
      values[index] = { start, end };
    }
    i = skipSpace(text, end);
    if (text[i] === CLOSE_BRACE) return { values, open, close: i, isEmpty: false };
    if (text[i] !== COMMA) throw new JsonFault('a comma or a closing brace is missing', i);
    i = skipSpace(text, i + 1);
  }
}

/**
 * Returns the requested members of a request body, which must be exactly one JSON object in UTF-8.
 * @throws GatewayError `invalid_body` with the fault and its byte (counted from 0)
 */
export function scanBody(body: Buffer, keys: MemberKeys): JsonMembers {
  try {
    const members = scanMembers(body, keys);
    const end = skipSpace(body, members.close + 1);
    if (end !== body.length) throw new JsonFault('something after the end of the object', end);
    checkStrings(body);
    return members;
  } catch (error) {
    throw toInvalidBody(error);
  }
}

/** As `scanMembers`, for an object inside a body that `scanBody` has accepted. */
export function scanInner(body: Buffer, keys: MemberKeys, from: number): JsonMembers {
  try {
    return scanMembers(body, keys, from);
  } catch (error) {
    throw toInvalidBody(error);
  }
}

/** Checks the strings of a body whose structure is already known to be valid. */
function checkStrings(body: Buffer): void {
  if (!isUtf8(body)) throw new JsonFault('bytes that are not UTF-8', findBadUtf8(body));
  const fault = body.length > READ_STRINGS_UP_TO_BYTES ? null : findStringFault(body);
  if (fault) throw fault;
}

/** Finds the first bad byte by bisection; slow, used only for the error message. */
function findBadUtf8(body: Buffer): number {
  let good = 0;
  let bad = body.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    // a prefix may end inside a character: three more bytes at most complete it
    if (isUtf8(body.subarray(0, middle)) || endsInsideCharacter(body, middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function endsInsideCharacter(body: Buffer, end: number): boolean {
  for (let more = 1; more <= 3; more++) if (isUtf8(body.subarray(0, end + more))) return true;
  return false;
}

export function toInvalidBody(error: unknown): unknown {
  if (!(error instanceof JsonFault)) return error;
  return new GatewayError(
    'invalid_body',
    `The request body cannot be used: ${error.reason} (byte ${error.at}). Send one JSON object.`,
  );
}
