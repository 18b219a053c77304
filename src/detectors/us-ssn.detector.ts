import { type Detector, isDigit, type Span, findTailStart } from './detector.js';
import { isStandalone } from './digit-groups.js';

/**
 * With hyphens or spaces; without them only after a word that identifies the number. Quantifiers are bounded, and none
 * is nested.
 */
const FORMATTED = /\d{3}([- ])\d{2}\1\d{4}/g;
const BARE = /(?:ssn|social security(?: number)?)\D{1,6}(\d{9})/gi;
const MAX_SPAN_CHARS = 48;

/** Numbers printed on sample cards and in advertisements, which were withdrawn. */
const WITHDRAWN = new Set(['078051120', '219099999', '457555462']);

/** US social security numbers, except those that are never issued. */
export const usSsnDetector: Detector = {
  mask: '[SSN]',
  description: 'a US social security number',
  find(text) {
    const found: Span[] = [];
    for (const match of text.matchAll(FORMATTED)) {
      const span = { start: match.index, end: match.index + match[0].length };
      if (isAssignable(match[0].replace(/\D/g, '')) && isStandalone(text, span) && !isPartOfLonger(text, span))
        found.push(span);
    }
    for (const match of text.matchAll(BARE)) {
      const end = match.index + match[0].length;
      const span = { start: end - 9, end };
      if (isAssignable(match[1]!) && isStandalone(text, span)) found.push(span);
    }
    return found.sort((a, b) => a.start - b.start);
  },
  findOpenStart(text) {
    const run = findTailStart(text, isPart, MAX_SPAN_CHARS);
    for (let at = run; at < text.length; at++) if (isDigit(text.charCodeAt(at))) return at;
    return text.length;
  },
};

const isPart = (code: number): boolean =>
  isDigit(code) || code === 0x2d || code === 0x20 || code === 0x2e || code === 0x2c;

/** Whether the Social Security Administration issues such an area, group and serial (since 2011 at random). */
function isAssignable(digits: string): boolean {
  const area = Number(digits.slice(0, 3));
  return (
    area !== 0 &&
    area !== 666 &&
    area < 900 &&
    digits.slice(3, 5) !== '00' &&
    digits.slice(5) !== '0000' &&
    !WITHDRAWN.has(digits)
  );
}

const isPartOfLonger = (text: string, { start, end }: Span): boolean =>
  (text[start - 1] === '-' && isDigit(text.charCodeAt(start - 2))) ||
  (text[end] === '-' && isDigit(text.charCodeAt(end + 1)));
