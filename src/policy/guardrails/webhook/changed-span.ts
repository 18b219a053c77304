/** Finds the difference between two texts: the span that was replaced, and its replacement. Pure. */
import type { Redaction } from '../text/rule-matches.js';

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

/**
 * Returns the smallest span of `before` whose replacement yields `after`: at least one character, and no half
 * characters. Null if the texts are equal or `before` is empty.
 */
export function findChangedSpan(before: string, after: string): Redaction | null {
  if (before === after || before === '') return null;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  if (start > 0 && isHigh(before.charCodeAt(start - 1))) start--;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail++;
  if (tail > 0 && isLow(before.charCodeAt(before.length - tail))) tail--;
  // a pure insertion replaces a neighboring character
  if (start === before.length - tail) {
    if (tail > 0) tail -= Math.min(tail, isHigh(before.charCodeAt(start)) ? 2 : 1);
    else start -= Math.min(start, isLow(before.charCodeAt(start - 1)) ? 2 : 1);
  }
  return { start, end: before.length - tail, mask: after.slice(start, after.length - tail) };
}
