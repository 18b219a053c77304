import type { Dialect } from '../../../providers/dialects/base/dialect.js';
import type { TextStreamForm } from '../../../providers/wire/stream-form.js';
import type { Rule } from '../text/guardrail-set.js';
import type { Match } from '../text/rule-matches.js';
import { EventQueue, type StreamListener } from './event-queue.js';
import type { StreamGuardrails } from './guardrails.js';
import type { EventSplitter } from '../wire/event-splitter.js';
import { getTextEvents } from '../wire/text-events.js';

/** Checks server-sent events and JSON lines. An unchanged event passes as it came. */
export class TextStreamGuardrails implements StreamGuardrails {
  readonly #queue: EventQueue<string>;
  #comments = '';
  readonly #splitter: EventSplitter;

  constructor(form: TextStreamForm, { readText }: Dialect, rules: readonly Rule[], onMatch: StreamListener) {
    const events = getTextEvents(form);
    this.#queue = new EventQueue<string>(readText, rules, onMatch, events.write);
    this.#splitter = events.createSplitter(
      (raw, event) => this.blocked ?? this.#queue.push(raw, event),
      (raw) => (this.#comments += this.blocked ? '' : raw),
    );
  }

  get blocked(): Match | null {
    return this.#queue.blocked;
  }

  push(chunk: Uint8Array | string): string {
    this.#splitter.push(chunk);
    return this.#takeOutput();
  }

  end(): string {
    this.#splitter.end();
    if (!this.blocked) this.#queue.end();
    return this.#takeOutput();
  }

  #takeOutput(): string {
    const output = this.#comments + this.#queue.takeReady().join('');
    this.#comments = '';
    return output;
  }
}
