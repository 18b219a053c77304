/** Groups of digits with single separators between them (`4111 1111-1111`), as numbers of all kinds are written. */
import { isDigit, isWord, type Span } from './detector.js';

export interface DigitRun {
  /** Each group of digits in the text. */
  readonly groups: readonly Span[];
  readonly end: number;
}

/**
 * Returns the run that begins with the digit at `start`: consecutive groups with one separator between them. Linear:
 * search for the next run from `end`.
 */
export function readDigitRun(text: string, start: number, isSeparator: (code: number) => boolean): DigitRun {
  const groups: Span[] = [];
  let at = start;
  for (;;) {
    const from = at;
    while (isDigit(text.charCodeAt(at))) at++;
    groups.push({ start: from, end: at });
    if (!isSeparator(text.charCodeAt(at)) || !isDigit(text.charCodeAt(at + 1))) return { groups, end: at };
    at++;
  }
}

/** Whether the span is not part of a longer word or number (`x4111…`, `0.4111…`). */
export function isStandalone(text: string, { start, end }: Span): boolean {
  return !isWord(text.charCodeAt(start - 1)) && !isWord(text.charCodeAt(end)) && !isFraction(text, start, end);
}

const isPoint = (code: number): boolean => code === 0x2e || code === 0x2c;

const isFraction = (text: string, start: number, end: number): boolean =>
  (isPoint(text.charCodeAt(start - 1)) && isDigit(text.charCodeAt(start - 2))) ||
  (isPoint(text.charCodeAt(end)) && isDigit(text.charCodeAt(end + 1)));

/** Returns the offset of the first digit at `from` or later, or -1. */
export function findNextDigit(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (isDigit(text.charCodeAt(at))) return at;
  return -1;
}
