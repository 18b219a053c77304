/**
 * Regular expressions that somebody else wrote, run by an engine whose time is linear in the text (RE2's syntax: no
 * look-around, no back references). A match is at most `REACH` characters long, so that streams can be searched too.
 */
import { RE2JS } from 're2js';
import { longestMatch, mayMatchSpace } from './pattern-length.js';

/** The longest match, in characters. */
export const REACH = 128;

/** Instructions of a compiled pattern: each costs time with every character. */
const MOST_INSTRUCTIONS = 500;

/** Long texts are searched in windows, and only so many matches in each: a match may cost a look at the whole window. */
const WINDOW = 2_048;
const MOST_MATCHES = 32;
/** What stands before a window and is looked at for `\b` and the like. */
const CONTEXT = 32;

export interface PatternMatch {
  readonly start: number;
  readonly end: number;
}

export class LinearPattern {
  /** No match is longer. */
  readonly longest: number;
  /** Whether white space may stand in a match. */
  readonly mayHoldSpace: boolean;
  readonly #compiled: RE2JS;
  readonly #isAnchoredAtEnd: boolean;

  /** Throws Error, saying what is wrong with the pattern. */
  constructor(source: string) {
    this.#compiled = compiled(source);
    if (this.#compiled.matcher('').find()) throw new Error('it matches where there is nothing');
    this.longest = Math.min(REACH, longestMatch(source));
    this.mayHoldSpace = mayMatchSpace(source);
    this.#isAnchoredAtEnd = /\$|\\z/.test(source);
  }

  /** In order, none overlapping. Where matches crowd a window, the last one reaches to its end. */
  find(text: string): PatternMatch[] {
    const found: PatternMatch[] = [];
    for (let at = 0; at < text.length; at += WINDOW) this.#findIn(text, at, found);
    return found;
  }

  #findIn(text: string, at: number, found: PatternMatch[]): void {
    const offset = Math.max(0, at - CONTEXT);
    const until = Math.min(text.length, at + WINDOW);
    const sliceEnd = Math.min(text.length, until + REACH);
    const matcher = this.#compiled.matcher(text.slice(offset, sliceEnd));
    let from = Math.max(at, found.at(-1)?.end ?? 0);
    for (let matches = 1; from < until && matcher.find(from - offset); matches++) {
      const start = matcher.start() + offset;
      const whole = matcher.end() + offset;
      const end = Math.min(whole, start + REACH);
      if (start >= until) return;
      from = Math.max(end, start + 1);
      if (end === start || (this.#isAnchoredAtEnd && whole === sliceEnd && sliceEnd < text.length)) continue;
      if (matches === MOST_MATCHES) {
        found.push({ start, end: Math.max(end, until) });
        return;
      }
      found.push({ start, end });
    }
  }
}

/** Throws Error, saying what is wrong with the pattern. */
export function compiled(source: string): RE2JS {
  const pattern = parsed(source);
  if (pattern.programSize() > MOST_INSTRUCTIONS) throw new Error('it is too large: shorten it');
  return pattern;
}

function parsed(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'it cannot be read';
    throw new Error(message.replace(/^error parsing regexp: /, ''), { cause });
  }
}
