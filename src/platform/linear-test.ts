/** Asks of a whole text whether a pattern of somebody else's (RE2's syntax) is found in it, in linear time. Pure. */
import type { RE2JS } from 're2js';
import { compiled } from './linear-pattern.js';

/** Instructions times characters: about a second where the engine is at its slowest. */
const MAX_STEPS = 8_000_000;

export class LinearTest {
  readonly #compiled: RE2JS;
  readonly #maxLength: number;

  /** Throws Error, saying what is wrong with the pattern. */
  constructor(source: string) {
    this.#compiled = compiled(source);
    this.#maxLength = Math.floor(MAX_STEPS / Math.max(1, this.#compiled.programSize()));
  }

  /** Whether the pattern is found; null: the text is too long for a pattern of this size (at least 16,000 characters). */
  test(text: string): boolean | null {
    return text.length > this.#maxLength ? null : this.#compiled.test(text);
  }
}
