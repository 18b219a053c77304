/** Tests whether an untrusted pattern (RE2's syntax) matches anywhere in a text, in linear time. Pure. */
import type { RE2JS } from 're2js';
import { compilePattern } from './linear-pattern.js';

/** Instructions times characters: about a second where the engine is slowest. */
const MAX_STEPS = 8_000_000;

export class LinearTest {
  readonly #compiled: RE2JS;
  readonly #maxLength: number;

  /** Throws an Error that says what is wrong with the pattern. */
  constructor(source: string) {
    this.#compiled = compilePattern(source);
    this.#maxLength = Math.floor(MAX_STEPS / Math.max(1, this.#compiled.programSize()));
  }

  /**
   * Whether the pattern matches; null if the text is too long for a pattern of this size. The maximum is at least
   * 16,000 characters.
   */
  test(text: string): boolean | null {
    return text.length > this.#maxLength ? null : this.#compiled.test(text);
  }
}
