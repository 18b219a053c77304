/**
 * Buffers the events of a stream that depend on later events. An event passes when all its pieces of text are decided,
 * and never before an earlier event. Complete texts in it are checked immediately.
 */
import type { Dialect } from '../../../providers/dialects/base/dialect.js';
import type { TextDelta } from '../../../providers/dialects/base/text-deltas.js';
import type { GuardrailDecision } from '../../../orgs/llm-proxies/policy/guardrail.js';
import type { Rule } from '../text/guardrail-set.js';
import { findMatches, redact, type Match } from '../text/rule-matches.js';
import { dropLogprobs } from '../text/log-probabilities.js';
import { TextChannel } from './text-channel.js';

type Members = Record<string, unknown>;

/**
 * A window of a few thousand characters in the smallest pieces. Above this number of events all texts count as
 * complete.
 */
const MAX_WAITING_EVENTS = 10_000;

/** Every event repeats ids and names: those that were found clean are not checked again. */
const MAX_CLEAN_TEXTS = 64;
const MAX_CLEAN_TEXT_CHARS = 64;

/** Receives each match, with the number of characters of its text before the text in which it was found. */
export type StreamListener = (match: Match, pointer: GuardrailDecision['pointer'], textOffset: number) => void;

interface Waiting<Form> {
  readonly event: Members | null;
  readonly form: Form;
  open: number;
  isChanged: boolean;
}

export class EventQueue<Form> {
  /** The match that ends the stream. */
  blocked: Match | null = null;
  #waiting: Waiting<Form>[] = [];
  readonly #channels = new Map<string, { channel: TextChannel; group: string }>();
  readonly #clean = new Set<string>();
  readonly #reported = new Set<Rule>();

  /** `render` writes a changed event. */
  constructor(
    private readonly readText: Dialect['readText'],
    private readonly rules: readonly Rule[],
    private readonly onMatch: StreamListener,
    private readonly render: (event: Members, form: Form) => Form,
  ) {}

  /** Takes an event in its original form; `event` is null if it has no members. */
  push(form: Form, event: Members | null): void {
    const entry: Waiting<Form> = { event, form, open: 0, isChanged: false };
    const { deltas, ends } = event ? this.readText(event) : { deltas: [], ends: null };
    // an event without text may repeat the text that it ends
    if (deltas.length === 0) this.#end(ends);
    if (event) this.#checkTexts(event, deltas, entry);
    if (this.blocked) return;
    this.#waiting.push(entry);
    for (const delta of deltas) this.#add(delta, entry);
    if (deltas.length > 0) this.#end(ends);
    if (this.#waiting.length > MAX_WAITING_EVENTS) this.#end(null);
  }

  /** Returns the events that may pass now, in order. */
  takeReady(): Form[] {
    let ready = 0;
    while (ready < this.#waiting.length && this.#waiting[ready]!.open === 0) ready++;
    if (ready === 0) return [];
    return this.#waiting.splice(0, ready).map(({ event, form, isChanged }) => {
      if (!isChanged) return form;
      dropLogprobs(event);
      return this.render(event!, form);
    });
  }

  /** Ends the stream: all texts are complete. */
  end(): void {
    this.#end(null);
  }

  #add({ channel: name, group, holder, member }: TextDelta, entry: Waiting<Form>): void {
    for (const [other, { channel, group: otherGroup }] of this.#channels)
      if (otherGroup === group && other !== name && !channel.isEmpty) this.#settle(channel, true);
    let found = this.#channels.get(name);
    if (!found) {
      const report = (match: Match, textOffset: number): void => this.#report(match, name, textOffset);
      this.#channels.set(name, (found = { channel: new TextChannel(this.rules, report), group }));
    }
    const text = holder[member] as string;
    entry.open++;
    found.channel.push(text, {
      onSettled: (settledText) => {
        entry.open--;
        if (settledText === text) return;
        holder[member] = settledText;
        entry.isChanged = true;
      },
    });
    this.#settle(found.channel, false);
  }

  #end(groups: readonly string[] | null): void {
    for (const [name, { channel, group }] of this.#channels) {
      if (groups !== null && !groups.includes(group)) continue;
      this.#settle(channel, true);
      this.#channels.delete(name);
    }
  }

  #settle(channel: TextChannel, isWhole: boolean): void {
    if (!this.blocked) channel.settle(isWhole);
  }

  #report(match: Match, pointer: string, textOffset: number): void {
    this.#reported.add(match.rule);
    this.onMatch(match, pointer, textOffset);
    if (match.rule.action === 'block') this.blocked = match;
  }

  /**
   * Checks texts that are not pieces. A rule that has matched before is reported again only if it blocks: such texts
   * may repeat the pieces.
   */
  #checkTexts(event: Members, deltas: readonly TextDelta[], entry: Waiting<Form>): void {
    const open: { holder: Members; path: string }[] = [{ holder: event, path: '' }];
    while (open.length > 0 && !this.blocked) {
      const { holder, path } = open.pop()!;
      for (const [name, value] of Object.entries(holder)) {
        if (typeof value === 'object' && value !== null)
          open.push({ holder: value as Members, path: `${path}/${name}` });
        else if (typeof value === 'string' && !this.#clean.has(value) && !isDelta(deltas, holder, name))
          this.#checkText(holder, name, `${path}/${name}`, entry);
      }
    }
  }

  #checkText(holder: Members, name: string, pointer: string, entry: Waiting<Form>): void {
    const text = holder[name] as string;
    const matches = findMatches(this.rules, text);
    if (matches.length === 0) {
      if (text.length <= MAX_CLEAN_TEXT_CHARS && this.#clean.size < MAX_CLEAN_TEXTS) this.#clean.add(text);
      return;
    }
    const reported = new Set(this.#reported);
    for (const match of matches) {
      if (!reported.has(match.rule) || match.rule.action === 'block') this.#report(match, pointer, 0);
      if (this.blocked) return;
    }
    const redacted = redact(text, matches);
    if (redacted === text) return;
    holder[name] = redacted;
    entry.isChanged = true;
  }
}

const isDelta = (deltas: readonly TextDelta[], holder: Members, name: string): boolean =>
  deltas.some((delta) => delta.holder === holder && delta.member === name);
