/**
 * The grammar of JSON (RFC 8259) over bytes. Each function takes the offset where a token or value begins and returns
 * the offset after it, or throws `JsonFault`. Strings are skipped, not read, so that a long prompt costs next to
 * nothing.
 */

/** Thrown for text that is not JSON. `at` is the offset of the first invalid byte; `what` is the reason. */
export class JsonFault extends Error {
  constructor(
    readonly reason: string,
    readonly at: number,
  ) {
    super(`${reason} at byte ${at}`);
  }
}

/**
 * Maximum nesting; deeper texts are refused. Tool schemas reach about 30, and recursive readers behind the gateway must
 * not be overloaded.
 */
export const MAX_DEPTH = 256;

/** Up to this length a loop is cheaper than a native call (about 50 ns); most keys and short values end sooner. */
const HOP_AFTER_BYTES = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Kinds of the open containers; shared, because a scan never yields. */
const openContainers = new Uint8Array(MAX_DEPTH);

export function skipSpace(text: Buffer, at: number): number {
  let i = at;
  for (;;) {
    const c = text[i];
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return i;
    i++;
  }
}

/** Skips a string without reading its content. `at` is the opening quote. Returns the offset after the closing one. */
export function skipString(text: Buffer, at: number): number {
  let i = at + 1;
  for (;;) {
    const loopEnd = Math.min(i + HOP_AFTER_BYTES, text.length);
    while (i < loopEnd) {
      const c = text[i];
      if (c === QUOTE) return i + 1;
      i += c === BACKSLASH ? 2 : 1;
    }
    const quote = text.indexOf(QUOTE, i);
    if (quote < 0) throw new JsonFault('a string that does not end', at);
    // `i` is never inside an escape, but may follow one: the backslashes directly before the quote decide whether it is
    // escaped.
    let run = quote;
    while (run > i && text[run - 1] === BACKSLASH) run--;
    if ((quote - run) % 2 === 0) return quote + 1;
    i = quote + 1;
  }
}

/** Skips a member's name and its colon. `at` is the expected start of the name. Returns the offset after the colon. */
export function skipName(text: Buffer, at: number): number {
  if (text[at] !== QUOTE) throw new JsonFault('a member name in double quotes is missing', at);
  return skipColon(text, skipString(text, at));
}

export function skipColon(text: Buffer, at: number): number {
  const i = skipSpace(text, at);
  if (text[i] !== COLON) throw new JsonFault('a colon is missing', i);
  return i + 1;
}

/** Skips any value of up to `MAX_DEPTH`, without recursion. `at` may be on white space before it. */
export function skipValue(text: Buffer, at: number): number {
  let depth = 0;
  let i = at;
  for (;;) {
    i = skipSpace(text, i);
    const c = text[i];
    if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      if (depth === MAX_DEPTH) throw new JsonFault(`nesting deeper than ${MAX_DEPTH}`, i);
      openContainers[depth++] = c;
      i = skipSpace(text, i + 1);
      if (text[i] !== c + 2) {
        // '}' is '{' + 2 and ']' is '[' + 2
        if (c === OPEN_BRACE) i = skipName(text, i);
        continue;
      }
      depth--;
      i++;
    } else i = c === QUOTE ? skipString(text, i) : skipScalar(text, i);
    for (;;) {
      if (depth === 0) return i;
      i = skipSpace(text, i);
      const isInObject = openContainers[depth - 1] === OPEN_BRACE;
      if (text[i] === COMMA) {
        i = skipSpace(text, i + 1);
        if (isInObject) i = skipName(text, i);
        break;
      }
      if (text[i] !== (isInObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        throw new JsonFault(`a comma or a closing ${isInObject ? 'brace' : 'bracket'} is missing`, i);
      }
      depth--;
      i++;
    }
  }
}

function skipScalar(text: Buffer, at: number): number {
  switch (text[at]) {
    case undefined:
      throw new JsonFault('the text ends too early', at);
    case 0x74:
      return skipWord(text, at, 'true');
    case 0x66:
      return skipWord(text, at, 'false');
    case 0x6e:
      return skipWord(text, at, 'null');
    default:
      return skipNumber(text, at);
  }
}

function skipWord(text: Buffer, at: number, word: string): number {
  for (let i = 0; i < word.length; i++) {
    if (text[at + i] !== word.charCodeAt(i)) throw new JsonFault('something that is not a JSON value', at);
  }
  return at + word.length;
}

function skipNumber(text: Buffer, at: number): number {
  let i = text[at] === 0x2d ? at + 1 : at;
  const first = i;
  i = skipDigits(text, i);
  if (i === first) throw new JsonFault('something that is not a JSON value', at);
  if (text[first] === 0x30 && i > first + 1) throw new JsonFault('a number with a leading zero', first);
  if (text[i] === 0x2e) i = requireDigits(text, i + 1);
  if (text[i] === 0x65 || text[i] === 0x45) {
    const sign = text[i + 1];
    i = requireDigits(text, sign === 0x2b || sign === 0x2d ? i + 2 : i + 1);
  }
  return i;
}

function requireDigits(text: Buffer, at: number): number {
  const end = skipDigits(text, at);
  if (end === at) throw new JsonFault('a digit is missing', at);
  return end;
}

function skipDigits(text: Buffer, at: number): number {
  let i = at;
  for (;;) {
    const c = text[i];
    if (c === undefined || c < 0x30 || c > 0x39) return i;
    i++;
  }
}

/**
 * Returns the first control character or bad escape inside a string, in a text whose structure is known to be valid.
 */
export function findStringFault(text: Buffer): JsonFault | null {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    if (text[i] !== QUOTE) continue;
    for (i++; i < length; i++) {
      const c = text[i]!;
      // lower-case letters and everything beyond ASCII: most characters
      if (c > BACKSLASH) continue;
      if (c === QUOTE) break;
      if (c < 0x20) return new JsonFault('a control character inside a string', i);
      if (c !== BACKSLASH) continue;
      const escape = measureEscape(text, i);
      if (escape === 0) return new JsonFault('an unknown escape inside a string', i);
      i += escape - 1;
    }
  }
  return null;
}

/** Returns the length of the escape that begins with this backslash, or 0 if it is not valid. */
function measureEscape(text: Buffer, at: number): number {
  switch (text[at + 1] ?? 0) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // slash
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return 2;
    case 0x75: // u
      return isHex(text[at + 2]) && isHex(text[at + 3]) && isHex(text[at + 4]) && isHex(text[at + 5]) ? 6 : 0;
    default:
      return 0;
  }
}

function isHex(c = 0): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66);
}
