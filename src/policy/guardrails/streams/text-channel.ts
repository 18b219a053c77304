/**
 * One text that a stream brings in pieces, and the window that slides over it. A piece is let go when no rule can match
 * across its end any more; pieces are let go whole, so that a stream keeps its events, in their number and order.
 */
import type { Rule } from '../guardrail-set.js';
import { matchesIn, redactions, withoutEscapes, type Match, type Redaction } from '../text-matches.js';

/** What was let go and is still looked at, for what stands before a match. */
const CONTEXT_CHARS = 64;

/** Where a piece stands; it is told what becomes of it. */
export interface PieceOwner {
  /** The text of the piece is decided; `text` is what may be shown of it. */
  settled(text: string): void;
}

interface Piece {
  readonly owner: PieceOwner;
  readonly text: string;
}

export class TextChannel {
  #before = '';
  /** Characters that were let go. */
  #passed = 0;
  #pieces: Piece[] = [];
  #pending = '';

  constructor(
    private readonly rules: readonly Rule[],
    private readonly onMatch: (match: Match, textOffset: number) => void,
  ) {}

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  push(text: string, owner: PieceOwner): void {
    this.#pieces.push({ text, owner });
    this.#pending += text;
  }

  /** Lets go what is decided: everything when `isWhole`, because no more is to come. False: a rule blocks. */
  settle(isWhole: boolean): boolean {
    if (this.isEmpty) return true;
    const text = this.#before + this.#pending;
    const skipped = this.#before.length;
    const most = isWhole ? text.length : this.#openFrom(text);
    // no piece can go: nothing has to be looked for yet
    if (most < skipped + this.#pieces[0]!.text.length) return true;
    const matches = matchesIn(this.rules, text).filter(({ end }) => end > skipped);
    const open = beforeCrossing(most, matches);
    const blocking = matches.find(({ rule, start }) => rule.action === 'block' && start < open);
    const until = this.#lastPieceEnd((blocking ? Math.min(open, blocking.start) : open) - skipped, matches);
    const decided = matches.filter(({ start, end }) => start < until + skipped && end <= until + skipped);
    for (const match of blocking ? [...decided, blocking] : decided) this.onMatch(match, this.#passed - skipped);
    this.#letGo(until, redactions(text, decided));
    return blocking === undefined;
  }

  /** The least place from which on more text could change what is found. */
  #openFrom(text: string): number {
    const readable = withoutEscapes(text);
    let open = text.length;
    for (const { detector } of this.rules) open = Math.min(open, detector.openFrom(readable));
    return open;
  }

  /** The end of the last piece that ends at `most` or before, and not within a match. Counted in what is pending. */
  #lastPieceEnd(most: number, matches: readonly Match[]): number {
    const skipped = this.#before.length;
    const ends: number[] = [0];
    let end = 0;
    for (const { text } of this.#pieces) if ((end += text.length) <= most) ends.push(end);
    for (let i = ends.length - 1; i > 0; i--)
      if (beforeCrossing(ends[i]! + skipped, matches) === ends[i]! + skipped) return ends[i]!;
    return 0;
  }

  #letGo(until: number, cuts: readonly Redaction[]): void {
    const skipped = this.#before.length;
    let at = 0;
    let count = 0;
    for (const { text, owner } of this.#pieces) {
      if (at + text.length > until) break;
      owner.settled(shownOf(text, at + skipped, skipped, cuts));
      at += text.length;
      count++;
    }
    if (count === 0) return;
    this.#pieces = this.#pieces.slice(count);
    this.#before = (this.#before + this.#pending.slice(0, at)).slice(-CONTEXT_CHARS);
    this.#pending = this.#pending.slice(at);
    this.#passed += at;
  }
}

function beforeCrossing(place: number, matches: readonly Match[]): number {
  let before = place;
  for (let i = matches.length - 1; i >= 0; i--) {
    const { start, end } = matches[i]!;
    if (start < before && end > before) {
      before = start;
      i = matches.length;
    }
  }
  return before;
}

/** What may be shown of a piece that begins at `from`. What is put in a match's place goes into the piece where it begins. */
export function shownOf(text: string, from: number, first: number, cuts: readonly Redaction[]): string {
  let shown = '';
  let at = from;
  const to = from + text.length;
  for (const { start, end, mask } of cuts) {
    if (end <= at || start >= to) continue;
    if (start > at) shown += text.slice(at - from, start - from);
    const begins = Math.max(start, first);
    if (begins >= from && begins < to) shown += mask;
    at = Math.min(end, to);
  }
  return at === from ? text : shown + text.slice(at - from);
}
