import { type Detector, isDigit, isWord, type Span, findTailStart } from './detector.js';
import { findNextDigit } from './digit-groups.js';

/** Length of the longest number, including the separators between its digits. */
const MAX_SPAN_CHARS = 28;
/** Digits of an international number, including the country code (ITU-T E.164). */
const MIN_DIGITS = 8;
const MAX_DIGITS = 15;

const PLUS = 0x2b;
const OPEN = 0x28;
const CLOSE = 0x29;

const isSeparator = (code: number): boolean =>
  code === 0x20 || code === 0x2d || code === 0x2e || code === 0x2f || code === 0xa0;
const isPart = (code: number): boolean =>
  isDigit(code) || isSeparator(code) || code === PLUS || code === OPEN || code === CLOSE;

/** Country codes (ITU-T E.164.D); those of three digits by their first two. */
const ONE_OR_TWO = new Set(
  '1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(
    ' ',
  ),
);
const OF_THREE = new Set('21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99'.split(' '));

interface PhoneText {
  /** Only the digits. */
  digits: string;
  /** Digits and the characters between them. */
  text: string;
}

/**
 * Telephone numbers: international (`+49 30 …`, `0049…`), North American, and national with a zero before the area
 * code.
 */
export const phoneDetector: Detector = {
  mask: '[phone number]',
  description: 'a phone number',
  find(text) {
    const found: Span[] = [];
    for (let at = findNextDigit(text, 0); at >= 0;) {
      const start = findPhoneStart(text, at);
      const end = findRunEnd(text, at);
      const span = { start, end };
      if (
        isPhone({ digits: text.slice(start, end).replace(/\D/g, ''), text: text.slice(start, end) }) &&
        isAlone(text, span)
      )
        found.push(span);
      at = findNextDigit(text, end);
    }
    return found;
  },
  findOpenStart(text) {
    const run = findTailStart(text, isPart, MAX_SPAN_CHARS);
    for (let at = run; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (isDigit(code) || code === PLUS || code === OPEN) return at;
    }
    return text.length;
  },
};

/** Returns the start of the number, including a plus sign or bracket before the first digit, or both. */
function findPhoneStart(text: string, at: number): number {
  let start = at;
  if (text.charCodeAt(start - 1) === OPEN) start--;
  if (text.charCodeAt(start - 1) === PLUS) start--;
  return start;
}

/**
 * Returns the offset after the last digit of the run. Between two digits there are at most three separators or
 * brackets.
 */
function findRunEnd(text: string, from: number): number {
  let end = from;
  for (;;) {
    while (isDigit(text.charCodeAt(end))) end++;
    let next = end;
    while (next < end + 3 && isBetween(text, next)) next++;
    if (next === end || !isDigit(text.charCodeAt(next))) return end;
    end = next;
  }
}

const isBetween = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return isSeparator(code) || code === CLOSE || code === OPEN;
};

/** Whether a run has the form of a phone number. National numbers with an unclosed bracket do not. */
function isPhone(phone: PhoneText): boolean {
  const { digits, text } = phone;
  if (digits.length > MAX_DIGITS + 2 || text.length > MAX_SPAN_CHARS) return false;
  if (text.startsWith('+')) return isInternational(digits);
  if (digits.startsWith('00')) return isInternational(digits.slice(2));
  return (
    NORTH_AMERICAN.test(text) ||
    FRENCH.test(text) ||
    (ZERO_BEFORE_AREA.test(text) && digits.length >= 10 && digits.length <= 12)
  );
}

const NORTH_AMERICAN = /^(?:1[- .])?(?:[2-9]\d\d-|[2-9]\d\d\.|\([2-9]\d\d\) ?)[2-9]\d\d[-. ]\d{4}$/;
const FRENCH = /^0[1-9](?:[ .]\d\d){4}$/;
/** Bounded quantifiers: `030/1234567`, `(0151) 234 56789`, `020 7946 0958`. */
const ZERO_BEFORE_AREA = /^(?:\(0[1-9]\d{1,3}\) ?|0[1-9]\d{1,3}[ /-])\d{2,8}(?:[ -]\d{2,8}){0,3}$/;

function isInternational(digits: string): boolean {
  if (digits.length < MIN_DIGITS || digits.length > MAX_DIGITS) return false;
  if (digits.startsWith('1')) return /^1[2-9]\d\d[2-9]\d{6}$/.test(digits);
  const two = digits.slice(0, 2);
  return ONE_OR_TWO.has(digits[0]!) || ONE_OR_TWO.has(two) || OF_THREE.has(two);
}

/** Whether the span is not part of a word, a longer number, an id or a date (`a-030-…`, `#0151`, `10:415-…`). */
function isAlone(text: string, { start, end }: Span): boolean {
  const before = text.charCodeAt(start - 1);
  const after = text.charCodeAt(end);
  if (isWord(before) || isWord(after) || before === PLUS || before === 0x23 || before === 0x3d) return false;
  const isJoined = before === 0x2d || before === 0x2e || before === 0x2f || before === 0x3a;
  return !(isJoined && isWord(text.charCodeAt(start - 2))) && !(after === 0x2d && isWord(text.charCodeAt(end + 1)));
}
