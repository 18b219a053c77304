/**
 * What finds one kind of text. Pure, and linear in the length of the text whatever it holds: no look at a place costs more
 * than a constant.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Detector {
  /** What stands in the place of a match: `[credit card]`. */
  readonly mask: string;
  /** What a match is, in a sentence: `a credit card number`. */
  readonly words: string;
  /** All matches, in order, none overlapping. */
  find(text: string): Span[];
  /**
   * Where the text is open: the least offset at which a match could begin that more text would make, lengthen or undo.
   * The length of the text when there is none. Everything that `find` gives before it stays as it is.
   */
  openFrom(text: string): number;
}

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
export const isUpper = (code: number): boolean => code >= 0x41 && code <= 0x5a;
export const isLetter = (code: number): boolean => isUpper(code) || (code >= 0x61 && code <= 0x7a);
export const isAlphanumeric = (code: number): boolean => isDigit(code) || isLetter(code);
/** What a number or name cannot stand beside: letters of every script, digits and the low line. NaN at the text's ends. */
export const isWord = (code: number): boolean => isAlphanumeric(code) || code === 0x5f || code > 0xbf;

/** Where the run of such characters begins that the text ends with, at most `most` characters long. */
export function tailStart(text: string, isIn: (code: number) => boolean, most: number): number {
  const least = Math.max(0, text.length - most);
  let at = text.length;
  while (at > least && isIn(text.charCodeAt(at - 1))) at--;
  return at;
}
