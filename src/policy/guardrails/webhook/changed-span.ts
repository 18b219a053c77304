/** Where two texts differ: what of the one was replaced, and by what. Pure. */
import type { Redaction } from '../text-matches.js';

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

/** The least of `before` that has to go for `after` to come of it, at least one character and no half ones; null: they are the same. */
export function changedSpan(before: string, after: string): Redaction | null {
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
  // something was put in and nothing taken out: it takes a neighbour's place
  if (start === before.length - tail) {
    if (tail > 0) tail -= Math.min(tail, isHigh(before.charCodeAt(start)) ? 2 : 1);
    else start -= Math.min(start, isLow(before.charCodeAt(start - 1)) ? 2 : 1);
  }
  return { start, end: before.length - tail, mask: after.slice(start, after.length - tail) };
}
