/**
 * Untrusted regular expressions, run by an engine whose time is linear in the text (RE2's syntax: no look-around, no
 * back references). A match is at most `REACH` characters long, so that streams can be searched too.
 */
import { RE2JS } from 're2js';
import { computeMaxMatchLength, mayMatchSpace } from './match-length.js';

/** Maximum length of a match, in characters. */
export const MAX_MATCH_LENGTH = 128;

/** Maximum number of instructions in a compiled pattern: each costs time with every character. */
const MAX_INSTRUCTIONS = 500;

/**
 * Long texts are searched in windows, with a maximum number of matches in each: one match may cost a scan of the
 * window.
 */
const WINDOW = 2_048;
const MAX_MATCHES = 32;
/** Characters before a window that are read for `\b` and similar assertions. */
const CONTEXT = 32;

export interface PatternMatch {
  readonly start: number;
  readonly end: number;
}

export class LinearPattern {
  /** Upper bound on the length of a match. */
  readonly maxMatchLength: number;
  /** Whether a match may contain white space. */
  readonly mayContainSpace: boolean;
  readonly #compiled: RE2JS;
  readonly #isAnchoredAtEnd: boolean;

  /** Throws an Error that says what is wrong with the pattern. */
  constructor(source: string) {
    this.#compiled = compilePattern(source);
    if (this.#compiled.matcher('').find()) throw new Error('it matches where there is nothing');
    this.maxMatchLength = Math.min(MAX_MATCH_LENGTH, computeMaxMatchLength(source));
    this.mayContainSpace = mayMatchSpace(source);
    this.#isAnchoredAtEnd = /\$|\\z/.test(source);
  }

  /** Returns the matches in order, without overlaps. If a window has too many, the last match extends to its end. */
  find(text: string): PatternMatch[] {
    const found: PatternMatch[] = [];
    for (let at = 0; at < text.length; at += WINDOW) this.#findIn(text, at, found);
    return found;
  }

  #findIn(text: string, at: number, found: PatternMatch[]): void {
    const offset = Math.max(0, at - CONTEXT);
    const until = Math.min(text.length, at + WINDOW);
    const sliceEnd = Math.min(text.length, until + MAX_MATCH_LENGTH);
    const matcher = this.#compiled.matcher(text.slice(offset, sliceEnd));
    let from = Math.max(at, found.at(-1)?.end ?? 0);
    for (let matches = 1; from < until && matcher.find(from - offset); matches++) {
      const start = matcher.start() + offset;
      const wholeEnd = matcher.end() + offset;
      const end = Math.min(wholeEnd, start + MAX_MATCH_LENGTH);
      if (start >= until) return;
      from = Math.max(end, start + 1);
      if (end === start || (this.#isAnchoredAtEnd && wholeEnd === sliceEnd && sliceEnd < text.length)) continue;
      if (matches === MAX_MATCHES) {
        found.push({ start, end: Math.max(end, until) });
        return;
      }
      found.push({ start, end });
    }
  }
}

/** Throws an Error that says what is wrong with the pattern. */
export function compilePattern(source: string): RE2JS {
  const pattern = parsePattern(source);
  if (pattern.programSize() > MAX_INSTRUCTIONS) throw new Error('it is too large: shorten it');
  return pattern;
}

function parsePattern(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'it cannot be read';
    throw new Error(message.replace(/^error parsing regexp: /, ''), { cause });
  }
}
