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
  const length = alternation(at);
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
    const is = this.source[this.#at] === character;
    if (is) this.#at++;
    return is;
  }

  get ends(): boolean {
    return this.isAtEnd || this.source[this.#at] === ')' || this.source[this.#at] === '|';
  }

  next(): string {
    return this.source[this.#at++]!;
  }
}

function alternation(at: Position): number {
  let longest = sequence(at);
  while (at.takeIf('|')) longest = Math.max(longest, sequence(at));
  return longest;
}

function sequence(at: Position): number {
  let length = 0;
  while (!at.ends) {
    const one = atom(at);
    const times = repeats(at);
    length += one === 0 || times === 0 ? 0 : one * times;
  }
  return length;
}

function atom(at: Position): number {
  if (at.take(FLAGS)) return 0;
  if (at.take(GROUP)) {
    const length = alternation(at);
    return at.takeIf(')') ? length : Infinity;
  }
  const taken = at.take(CLASS_OR_ESCAPE);
  if (taken) return /^\\[bBAz]$/.test(taken[0]) ? 0 : /^\\[QC]/.test(taken[0]) ? Infinity : WIDE;
  const character = at.next();
  return character === '^' || character === '$' ? 0 : character === '.' ? WIDE : 1;
}

function repeats(at: Position): number {
  let times = 1;
  for (let repeat = at.take(REPEAT); repeat; repeat = at.take(REPEAT)) {
    const [text, least, comma, most] = repeat;
    if (text.startsWith('?')) continue;
    times *= least === undefined || (comma === ',' && most === '') ? Infinity : Number(most || least);
  }
  return times;
}
