/** Patterns of tool names. A rule that blocks also takes other spellings of a name; one that allows takes it as it is written. Pure. */
import { Wildcard } from '../../../platform/wildcard.js';

/** Characters without a form of their own, such as a zero-width space. */
const INVISIBLE = /[\p{Cf}\p{Cc}]/gu;

const PLAIN = /^[\u0021-\u007e]*$/;

/** What lenient readers take for the same word: compatibility forms, case, and white space around it are put aside. */
export const folded = (text: string): string =>
  PLAIN.test(text) ? text.toLowerCase() : text.normalize('NFKC').replace(INVISIBLE, '').trim().toLowerCase();

export class ToolPatterns {
  readonly #exact: readonly Wildcard[];
  readonly #folded: readonly Wildcard[];

  constructor(patterns: readonly string[]) {
    this.#exact = patterns.map((pattern) => new Wildcard(pattern));
    this.#folded = patterns.map((pattern) => new Wildcard(folded(pattern)));
  }

  /** Whether a pattern matches one of the names of a tool, as it is written. */
  match(names: readonly string[]): boolean {
    return names.some((name) => this.#exact.some((pattern) => pattern.matches(name)));
  }

  /** Whether a pattern matches one of the names of a tool in any spelling. */
  matchLoosely(names: readonly string[]): boolean {
    return names.some((name) => {
      const loose = folded(name);
      return this.#folded.some((pattern) => pattern.matches(loose));
    });
  }
}
