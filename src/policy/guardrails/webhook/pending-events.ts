/**
 * Buffers the events of a stream until the webhook guardrail has judged their text. The pieces of a text are joined.
 * Allowed events pass in order, except for the end of the text, which is judged again with the text that follows: so a
 * short item is seen in one piece before any of it is shown.
 */
import type { Dialect } from '../../../providers/dialects/base/dialect.js';
import type { TextDelta } from '../../../providers/dialects/base/text-deltas.js';
import { dropLogprobs } from '../text/log-probabilities.js';
import { findChangedSpan } from '../webhook/changed-span.js';
import { needsDecision } from '../webhook/document-texts.js';
import type { WebhookRequestText } from './request.js';
import { redactDelta } from '../streams/text-channel.js';

type Members = Record<string, unknown>;

/** Amount of new text that is worth a question: two or three sentences. */
const DUE_CHARS = 400;
/** A slow stream is judged once a second, so that its reader sees progress. */
const DUE_MS = 1_000;
/** Allowed text that is held back: longer than a number, a name or an address. */
const RECHECKED_CHARS = 100;

/** Every event repeats ids and names: those that were allowed are not sent again. */
const MAX_CLEAN_TEXTS = 64;
const MAX_CLEAN_TEXT_CHARS = 64;

/** Padding of vendors, which differs in each event and has no meaning. */
const PADDING = '/obfuscation';

/** A text in an event that is not a piece of a longer text. */
interface WholeText {
  readonly holder: Members;
  readonly member: string;
  readonly pointer: string;
}

interface Waiting<Form> {
  readonly event: Members | null;
  readonly form: Form;
  readonly deltas: readonly TextDelta[];
  whole: readonly WholeText[];
  isChanged: boolean;
}

export class PendingEvents<Form> {
  #waiting: Waiting<Form>[] = [];
  /** Channel → number of its characters that were shown. */
  readonly #releasedChars = new Map<string, number>();
  /** Channels with pieces that no question has covered yet. */
  readonly #uncheckedChannels = new Set<string>();
  readonly #clean = new Set<string>();
  #uncheckedChars = 0;
  #uncheckedSinceMs = 0;
  #count = 0;

  /** `render` writes a changed event. */
  constructor(
    private readonly readText: Dialect['readText'],
    private readonly render: (event: Members, form: Form) => Form,
  ) {}

  /** Takes an event in its original form; `event` is null if it has no members. */
  push(form: Form, event: Members | null): void {
    const deltas = event ? this.readText(event).deltas : [];
    const whole = event ? this.#findWholeTexts(event, deltas) : [];
    this.#count++;
    this.#waiting.push({ event, form, deltas: deltas, whole, isChanged: false });
    for (const { channel } of deltas) this.#uncheckedChannels.add(channel);
    if (deltas.length === 0 && whole.length === 0) return;
    if (this.#uncheckedChars === 0) this.#uncheckedSinceMs = performance.now();
    for (const { holder, member } of [...deltas, ...whole]) this.#uncheckedChars += getText(holder, member).length;
  }

  /** Whether it is time to ask about `texts`. */
  get isDue(): boolean {
    return (
      this.#uncheckedChars >= DUE_CHARS ||
      (this.#uncheckedChars > 0 && performance.now() - this.#uncheckedSinceMs >= DUE_MS)
    );
  }

  /** Returns the texts that no question has covered yet, each with all of its text that still waits. */
  listTexts(): WebhookRequestText[] {
    const channels = [...this.#uncheckedChannels].map((pointer) => {
      const text = this.#listDeltas(pointer).map(({ holder, member }) => getText(holder, member));
      return { pointer, offset: this.#releasedChars.get(pointer) ?? 0, text: text.join('') };
    });
    const whole = this.#waiting.flatMap((entry) =>
      entry.whole.map(({ holder, member, pointer }) => ({ pointer, offset: 0, text: getText(holder, member) })),
    );
    return [...channels, ...whole];
  }

  /**
   * Applies the verdict on `texts`: replacement texts by pointer. Returns the events that may pass now; all when
   * `isLast`.
   */
  settle(changes: ReadonlyMap<string, string>, isLast: boolean): Form[] {
    for (const [pointer, text] of changes) if (this.#uncheckedChannels.has(pointer)) this.#replaceDeltas(pointer, text);
    for (const entry of this.#waiting) this.#settleWhole(entry, changes);
    this.#uncheckedChannels.clear();
    this.#uncheckedChars = 0;
    return this.#waiting
      .splice(0, isLast ? this.#waiting.length : this.#countReleasable())
      .map((entry) => this.#release(entry));
  }

  #listDeltas(channel: string): (TextDelta & { entry: Waiting<Form> })[] {
    return this.#waiting.flatMap((entry) =>
      entry.deltas.filter((piece) => piece.channel === channel).map((piece) => ({ ...piece, entry })),
    );
  }

  #replaceDeltas(channel: string, text: string): void {
    const deltas = this.#listDeltas(channel);
    const span = findChangedSpan(deltas.map(({ holder, member }) => getText(holder, member)).join(''), text);
    if (!span) return;
    let at = 0;
    for (const { holder, member, entry } of deltas) {
      const before = getText(holder, member);
      const after = before === '' ? '' : redactDelta(before, at, 0, [span]);
      at += before.length;
      if (after === before) continue;
      holder[member] = after;
      entry.isChanged = true;
    }
  }

  #settleWhole(entry: Waiting<Form>, changes: ReadonlyMap<string, string>): void {
    for (const { holder, member, pointer } of entry.whole) {
      const before = getText(holder, member);
      const after = changes.get(pointer) ?? before;
      if (after !== before) {
        holder[member] = after;
        entry.isChanged = true;
      } else if (before.length <= MAX_CLEAN_TEXT_CHARS && this.#clean.size < MAX_CLEAN_TEXTS) this.#clean.add(before);
    }
    entry.whole = [];
  }

  /** Returns how many events may pass so that `RECHECKED_CHARS` of the text stay. */
  #countReleasable(): number {
    let retainedChars = 0;
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      if (retainedChars >= RECHECKED_CHARS) return i + 1;
      for (const { holder, member } of this.#waiting[i]!.deltas) retainedChars += getText(holder, member).length;
    }
    return 0;
  }

  #release({ event, form, deltas, isChanged }: Waiting<Form>): Form {
    for (const { channel, holder, member } of deltas)
      this.#releasedChars.set(channel, (this.#releasedChars.get(channel) ?? 0) + getText(holder, member).length);
    if (!isChanged) return form;
    dropLogprobs(event);
    return this.render(event!, form);
  }

  #findWholeTexts(event: Members, deltas: readonly TextDelta[]): WholeText[] {
    const found: WholeText[] = [];
    const open: { holder: Members; path: string }[] = [{ holder: event, path: '' }];
    while (open.length > 0) {
      const { holder, path } = open.pop()!;
      for (const [member, value] of Object.entries(holder)) {
        const memberPath = `${path}/${member}`;
        if (typeof value === 'object' && value !== null) open.push({ holder: value as Members, path: memberPath });
        else if (
          typeof value === 'string' &&
          memberPath !== PADDING &&
          needsDecision(value) &&
          !this.#clean.has(value)
        ) {
          const isDelta = deltas.some((piece) => piece.holder === holder && piece.member === member);
          if (!isDelta) found.push({ holder, member, pointer: `/events/${this.#count}${memberPath}` });
        }
      }
    }
    return found;
  }
}

const getText = (holder: Members, member: string): string => holder[member] as string;
