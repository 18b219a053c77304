/** Finds one kind of text. Pure, and linear in the length of any text: the check at one offset has constant cost. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Detector {
  /** Replacement of a match: `[credit card]`. */
  readonly mask: string;
  /** Description of a match for a sentence: `a credit card number`. */
  readonly description: string;
  /** Returns all matches, in order, without overlaps. */
  find(text: string): Span[];
  /**
   * Returns the lowest offset at which a match could begin that more text would create, extend or undo; the length of
   * the text if there is none. Matches that `find` returns before this offset are final.
   */
  findOpenStart(text: string): number;
}

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
export const isUpper = (code: number): boolean => code >= 0x41 && code <= 0x5a;
export const isLetter = (code: number): boolean => isUpper(code) || (code >= 0x61 && code <= 0x7a);
export const isAlphanumeric = (code: number): boolean => isDigit(code) || isLetter(code);
/**
 * Characters that a number or name cannot adjoin: letters of every script, digits and the underscore. Codes are NaN at
 * the text's ends.
 */
export const isWord = (code: number): boolean => isAlphanumeric(code) || code === 0x5f || code > 0xbf;

/** Returns the start of the run of such characters at the end of the text, at most `most` characters long. */
export function findTailStart(text: string, isIn: (code: number) => boolean, max: number): number {
  const min = Math.max(0, text.length - max);
  let at = text.length;
  while (at > min && isIn(text.charCodeAt(at - 1))) at--;
  return at;
}
