/**
 * The events of a stream that wait for somebody's word. Their texts are put together; what is allowed goes on in order, but
 * for the end of it, which is looked at again with what follows: so whatever is short is seen in one piece before any of it
 * is shown.
 */
import type { DialectId } from '../../../providers/dialects/dialect.js';
import { dropLogprobs } from '../without-logprobs.js';
import { changedSpan } from '../webhook/changed-span.js';
import { isJudged } from '../webhook/document-texts.js';
import type { AskedText } from '../webhook/question.js';
import { readEvent, type TextPiece } from './event-pieces.js';
import { shownOf } from './text-channel.js';

type Members = Record<string, unknown>;

/** So much new text is worth a question: two or three sentences. */
const DUE_CHARS = 400;
/** A slow stream is asked about once a second, so that its reader sees it move. */
const DUE_MS = 1_000;
/** What was allowed and still waits: longer than a number, a name or an address. */
const OVERLAP_CHARS = 100;

/** Ids and names come with every event: those that were let pass are not asked about again. */
const MOST_CLEAN = 64;
const LONGEST_CLEAN = 64;

/** Padding of vendors, which differs in each event and says nothing. */
const PADDING = '/obfuscation';

/** A text in an event that is no piece of one. */
interface WholeText {
  readonly holder: Members;
  readonly member: string;
  readonly pointer: string;
}

interface Waiting<Form> {
  readonly event: Members | null;
  readonly form: Form;
  readonly pieces: readonly TextPiece[];
  whole: readonly WholeText[];
  isChanged: boolean;
}

export class VerdictQueue<Form> {
  #waiting: Waiting<Form>[] = [];
  /** Channel → characters of it that were shown. */
  readonly #shown = new Map<string, number>();
  /** Channels with pieces that nobody was asked about. */
  readonly #fresh = new Set<string>();
  readonly #clean = new Set<string>();
  #freshChars = 0;
  #freshSinceMs = 0;
  #count = 0;

  /** `render` writes an event that was changed. */
  constructor(
    private readonly dialect: DialectId,
    private readonly render: (event: Members, form: Form) => Form,
  ) {}

  /** An event in the form it came in; `event` is null for what has no members. */
  push(form: Form, event: Members | null): void {
    const pieces = event ? readEvent(this.dialect, event).pieces : [];
    const whole = event ? this.#wholeTexts(event, pieces) : [];
    this.#count++;
    this.#waiting.push({ event, form, pieces, whole, isChanged: false });
    for (const { channel } of pieces) this.#fresh.add(channel);
    if (pieces.length === 0 && whole.length === 0) return;
    if (this.#freshChars === 0) this.#freshSinceMs = performance.now();
    for (const { holder, member } of [...pieces, ...whole]) this.#freshChars += textIn(holder, member).length;
  }

  /** Whether it is time to ask about `texts`. */
  get isDue(): boolean {
    return this.#freshChars >= DUE_CHARS || (this.#freshChars > 0 && performance.now() - this.#freshSinceMs >= DUE_MS);
  }

  /** What nobody was asked about yet, each text with what of it still waits. */
  texts(): AskedText[] {
    const channels = [...this.#fresh].map((pointer) => {
      const text = this.#piecesOf(pointer).map(({ holder, member }) => textIn(holder, member));
      return { pointer, offset: this.#shown.get(pointer) ?? 0, text: text.join('') };
    });
    const whole = this.#waiting.flatMap((entry) =>
      entry.whole.map(({ holder, member, pointer }) => ({ pointer, offset: 0, text: textIn(holder, member) })),
    );
    return [...channels, ...whole];
  }

  /** The word on `texts` came: what is to stand in whose place. Gives what may go on now; all of it when `isLast`. */
  settle(changes: ReadonlyMap<string, string>, isLast: boolean): Form[] {
    for (const [pointer, text] of changes) if (this.#fresh.has(pointer)) this.#replacePieces(pointer, text);
    for (const entry of this.#waiting) this.#settleWhole(entry, changes);
    this.#fresh.clear();
    this.#freshChars = 0;
    return this.#waiting.splice(0, isLast ? this.#waiting.length : this.#freeCount()).map((entry) => this.#let(entry));
  }

  #piecesOf(channel: string): (TextPiece & { entry: Waiting<Form> })[] {
    return this.#waiting.flatMap((entry) =>
      entry.pieces.filter((piece) => piece.channel === channel).map((piece) => ({ ...piece, entry })),
    );
  }

  #replacePieces(channel: string, text: string): void {
    const pieces = this.#piecesOf(channel);
    const span = changedSpan(pieces.map(({ holder, member }) => textIn(holder, member)).join(''), text);
    if (!span) return;
    let at = 0;
    for (const { holder, member, entry } of pieces) {
      const before = textIn(holder, member);
      const after = before === '' ? '' : shownOf(before, at, 0, [span]);
      at += before.length;
      if (after === before) continue;
      holder[member] = after;
      entry.isChanged = true;
    }
  }

  #settleWhole(entry: Waiting<Form>, changes: ReadonlyMap<string, string>): void {
    for (const { holder, member, pointer } of entry.whole) {
      const before = textIn(holder, member);
      const after = changes.get(pointer) ?? before;
      if (after !== before) {
        holder[member] = after;
        entry.isChanged = true;
      } else if (before.length <= LONGEST_CLEAN && this.#clean.size < MOST_CLEAN) this.#clean.add(before);
    }
    entry.whole = [];
  }

  /** How many events may go while so much of the text stays. */
  #freeCount(): number {
    let kept = 0;
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      if (kept >= OVERLAP_CHARS) return i + 1;
      for (const { holder, member } of this.#waiting[i]!.pieces) kept += textIn(holder, member).length;
    }
    return 0;
  }

  #let({ event, form, pieces, isChanged }: Waiting<Form>): Form {
    for (const { channel, holder, member } of pieces)
      this.#shown.set(channel, (this.#shown.get(channel) ?? 0) + textIn(holder, member).length);
    if (!isChanged) return form;
    dropLogprobs(event);
    return this.render(event!, form);
  }

  #wholeTexts(event: Members, pieces: readonly TextPiece[]): WholeText[] {
    const found: WholeText[] = [];
    const open: { holder: Members; path: string }[] = [{ holder: event, path: '' }];
    while (open.length > 0) {
      const { holder, path } = open.pop()!;
      for (const [member, value] of Object.entries(holder)) {
        const place = `${path}/${member}`;
        if (typeof value === 'object' && value !== null) open.push({ holder: value as Members, path: place });
        else if (typeof value === 'string' && place !== PADDING && isJudged(value) && !this.#clean.has(value)) {
          const isPiece = pieces.some((piece) => piece.holder === holder && piece.member === member);
          if (!isPiece) found.push({ holder, member, pointer: `/events/${this.#count}${place}` });
        }
      }
    }
    return found;
  }
}

const textIn = (holder: Members, member: string): string => holder[member] as string;
