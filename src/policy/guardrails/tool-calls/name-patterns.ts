/**
 * Patterns of tool names. A blocking rule also matches other spellings of a name; an allowing rule matches a name
 * exactly as written. Pure.
 */
import { Wildcard } from '../../../platform/patterns/wildcard.js';

/** Characters without a visible form, such as a zero-width space. */
const INVISIBLE = /[\p{Cf}\p{Cc}]/gu;

const PLAIN = /^[\u0021-\u007e]*$/;

/**
 * Folds spellings that lenient readers treat as the same word: compatibility forms, case, and surrounding white space.
 */
export const foldText = (text: string): string =>
  PLAIN.test(text) ? text.toLowerCase() : text.normalize('NFKC').replace(INVISIBLE, '').trim().toLowerCase();

export class ToolPatterns {
  readonly #exact: readonly Wildcard[];
  readonly #folded: readonly Wildcard[];

  constructor(patterns: readonly string[]) {
    this.#exact = patterns.map((pattern) => new Wildcard(pattern));
    this.#folded = patterns.map((pattern) => new Wildcard(foldText(pattern)));
  }

  /** Whether a pattern matches one of the names of a tool, exactly as written. */
  match(names: readonly string[]): boolean {
    return names.some((name) => this.#exact.some((pattern) => pattern.matches(name)));
  }

  /** Whether a pattern matches one of the names of a tool in any spelling. */
  matchLoosely(names: readonly string[]): boolean {
    return names.some((name) => {
      const folded = foldText(name);
      return this.#folded.some((pattern) => pattern.matches(folded));
    });
  }
}
