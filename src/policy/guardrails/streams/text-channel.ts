/**
 * One text that a stream delivers in pieces, with a sliding window. A piece is released when no rule can match across
 * its end any longer. Pieces are released whole, so that a stream keeps its events, in number and order.
 */
import type { Rule } from '../text/guardrail-set.js';
import { findMatches, findRedactions, blankEscapes, type Match, type Redaction } from '../text/rule-matches.js';

/** Released text that is still read, as the context before a match. */
const CONTEXT_CHARS = 64;

/** Owner of a piece; it is notified of the outcome. */
export interface DeltaOwner {
  /** The text of the piece is decided; `text` is the part that may be shown. */
  onSettled(text: string): void;
}

interface Delta {
  readonly owner: DeltaOwner;
  readonly text: string;
}

export class TextChannel {
  #before = '';
  /** Number of released characters. */
  #passedChars = 0;
  #deltas: Delta[] = [];
  #pending = '';

  constructor(
    private readonly rules: readonly Rule[],
    private readonly onMatch: (match: Match, textOffset: number) => void,
  ) {}

  get isEmpty(): boolean {
    return this.#deltas.length === 0;
  }

  push(text: string, owner: DeltaOwner): void {
    this.#deltas.push({ text, owner });
    this.#pending += text;
  }

  /**
   * Releases decided pieces; all pieces when `isWhole`, because no more text follows. Returns false if a rule blocks.
   */
  settle(isWhole: boolean): boolean {
    if (this.isEmpty) return true;
    const text = this.#before + this.#pending;
    const skipped = this.#before.length;
    const maxEnd = isWhole ? text.length : this.#findOpenStart(text);
    // no piece can be released, so no search is needed yet
    if (maxEnd < skipped + this.#deltas[0]!.text.length) return true;
    const matches = findMatches(this.rules, text).filter(({ end }) => end > skipped);
    const open = findUncrossedOffset(maxEnd, matches);
    const blocking = matches.find(({ rule, start }) => rule.action === 'block' && start < open);
    const until = this.#findLastDeltaEnd((blocking ? Math.min(open, blocking.start) : open) - skipped, matches);
    const decided = matches.filter(({ start, end }) => start < until + skipped && end <= until + skipped);
    for (const match of blocking ? [...decided, blocking] : decided) this.onMatch(match, this.#passedChars - skipped);
    this.#release(until, findRedactions(text, decided));
    return blocking === undefined;
  }

  /** Returns the lowest offset from which more text could change the matches. */
  #findOpenStart(text: string): number {
    const readable = blankEscapes(text);
    let open = text.length;
    for (const { detector } of this.rules) open = Math.min(open, detector.findOpenStart(readable));
    return open;
  }

  /**
   * Returns the end of the last piece that ends at `most` or before, and not within a match, as an offset in the
   * pending text.
   */
  #findLastDeltaEnd(maxEnd: number, matches: readonly Match[]): number {
    const skipped = this.#before.length;
    const ends: number[] = [0];
    let end = 0;
    for (const { text } of this.#deltas) if ((end += text.length) <= maxEnd) ends.push(end);
    for (let i = ends.length - 1; i > 0; i--)
      if (findUncrossedOffset(ends[i]! + skipped, matches) === ends[i]! + skipped) return ends[i]!;
    return 0;
  }

  #release(until: number, redactions: readonly Redaction[]): void {
    const skipped = this.#before.length;
    let at = 0;
    let count = 0;
    for (const { text, owner } of this.#deltas) {
      if (at + text.length > until) break;
      owner.onSettled(redactDelta(text, at + skipped, skipped, redactions));
      at += text.length;
      count++;
    }
    if (count === 0) return;
    this.#deltas = this.#deltas.slice(count);
    this.#before = (this.#before + this.#pending.slice(0, at)).slice(-CONTEXT_CHARS);
    this.#pending = this.#pending.slice(at);
    this.#passedChars += at;
  }
}

function findUncrossedOffset(offset: number, matches: readonly Match[]): number {
  let before = offset;
  for (let i = matches.length - 1; i >= 0; i--) {
    const { start, end } = matches[i]!;
    if (start < before && end > before) {
      before = start;
      i = matches.length;
    }
  }
  return before;
}

/**
 * Returns the part of a piece that may be shown; the piece begins at `from`. A mask goes into the piece in which its
 * match begins.
 */
export function redactDelta(text: string, from: number, first: number, redactions: readonly Redaction[]): string {
  let result = '';
  let at = from;
  const to = from + text.length;
  for (const { start, end, mask } of redactions) {
    if (end <= at || start >= to) continue;
    if (start > at) result += text.slice(at - from, start - from);
    const maskStart = Math.max(start, first);
    if (maskStart >= from && maskStart < to) result += mask;
    at = Math.min(end, to);
  }
  return at === from ? text : result + text.slice(at - from);
}
