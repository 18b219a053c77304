/** Computes the maximum length of a match from the source of a pattern (RE2's syntax). */

/** A character outside the Basic Multilingual Plane takes two UTF-16 units. */
const WIDE = 2;
const CLASS_OR_ESCAPE =
  /\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|[0-9A-Fa-f]{2})|[^])/y;
const REPEAT = /(?:\*|\+|\?|\{(\d+)(,?)(\d*)\})[?+]?/y;
const GROUP = /\((?:\?(?:P?<\w+>|[imsU-]*:))?/y;
const FLAGS = /\(\?[imsU-]+\)/y;

/** UTF-16 units of the longest match; Infinity if the length has no bound or the pattern is not understood. */
export function computeMaxMatchLength(source: string): number {
  const at = new Position(source);
  const length = measureAlternation(at);
  return at.isAtEnd ? length : Infinity;
}

/** Whether a match may contain white space. When in doubt: true. */
export const mayMatchSpace = (source: string): boolean =>
  /[.\s]|\\[sDWPpxntrfvaQCX0-9]|\[\^|\[:/.test(source.replaceAll('\\.', ''));

class Position {
  #at = 0;
  constructor(private readonly source: string) {}

  get isAtEnd(): boolean {
    return this.#at >= this.source.length;
  }

  take(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at;
    const found = form.exec(this.source);
    if (found) this.#at += found[0].length;
    return found;
  }

  takeIf(character: string): boolean {
    const isMatch = this.source[this.#at] === character;
    if (isMatch) this.#at++;
    return isMatch;
  }

  get isAtSequenceEnd(): boolean {
    return this.isAtEnd || this.source[this.#at] === ')' || this.source[this.#at] === '|';
  }

  takeCharacter(): string {
    return this.source[this.#at++]!;
  }
}

function measureAlternation(at: Position): number {
  let longest = measureSequence(at);
  while (at.takeIf('|')) longest = Math.max(longest, measureSequence(at));
  return longest;
}

function measureSequence(at: Position): number {
  let length = 0;
  while (!at.isAtSequenceEnd) {
    const atomLength = measureAtom(at);
    const times = readRepeat(at);
    length += atomLength === 0 || times === 0 ? 0 : atomLength * times;
  }
  return length;
}

function measureAtom(at: Position): number {
  if (at.take(FLAGS)) return 0;
  if (at.take(GROUP)) {
    const length = measureAlternation(at);
    return at.takeIf(')') ? length : Infinity;
  }
  const token = at.take(CLASS_OR_ESCAPE);
  if (token) return /^\\[bBAz]$/.test(token[0]) ? 0 : /^\\[QC]/.test(token[0]) ? Infinity : WIDE;
  const character = at.takeCharacter();
  return character === '^' || character === '$' ? 0 : character === '.' ? WIDE : 1;
}

function readRepeat(at: Position): number {
  let times = 1;
  for (let repeat = at.take(REPEAT); repeat; repeat = at.take(REPEAT)) {
    const [text, min, comma, max] = repeat;
    if (text.startsWith('?')) continue;
    times *= min === undefined || (comma === ',' && max === '') ? Infinity : Number(max || min);
  }
  return times;
}
