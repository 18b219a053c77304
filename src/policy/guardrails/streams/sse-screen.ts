import { StringDecoder } from 'node:string_decoder';
import type { DialectId } from '../../../providers/dialects/dialect.js';
import type { Rule } from '../guardrail-set.js';
import type { Match } from '../text-matches.js';
import { EventQueue, type StreamListener } from './event-queue.js';
import type { StreamScreen } from './stream-screen.js';

const EVENT_END = /\r\n\r\n|\n\n|\r\r/g;
const LINE_END = /\r\n|\n|\r/;

/** Server-sent events (WHATWG HTML §9.2). An event that nothing is changed in goes on as it came. */
export class SseScreen implements StreamScreen {
  readonly #decoder = new StringDecoder('utf8');
  readonly #queue: EventQueue<string>;
  #held = '';

  constructor(dialect: DialectId, rules: readonly Rule[], onMatch: StreamListener) {
    this.#queue = new EventQueue<string>(dialect, rules, onMatch, written);
  }

  get blocked(): Match | null {
    return this.#queue.blocked;
  }

  push(chunk: Uint8Array | string): string {
    const arrived = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    // the sign of an end may have come in two pieces
    EVENT_END.lastIndex = Math.max(0, this.#held.length - 3);
    const text = this.#held + arrived;
    let shown = '';
    let from = 0;
    for (let end = EVENT_END.exec(text); end; end = EVENT_END.exec(text)) {
      shown += this.#event(text.slice(from, EVENT_END.lastIndex));
      from = EVENT_END.lastIndex;
      if (this.blocked) break;
    }
    this.#held = text.slice(from);
    return shown + this.#queue.take().join('');
  }

  end(): string {
    const rest = this.#held + this.#decoder.end();
    this.#held = '';
    if (rest !== '') this.#event(rest);
    if (!this.blocked) this.#queue.end();
    return this.#queue.take().join('');
  }

  /** Takes an event in. Comments are no part of the stream and wait for nothing. */
  #event(raw: string): string {
    const data = dataOf(raw);
    if (data === null) return raw;
    this.#queue.push(raw, parsed(data));
    return '';
  }
}

function dataOf(raw: string): string | null {
  const lines = raw.split(LINE_END).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(5)).join('\n');
}

function parsed(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The event with other data; its other lines stay. */
function written(event: Record<string, unknown>, raw: string): string {
  const lines = raw.split(LINE_END).filter((line) => line !== '' && !line.startsWith('data:'));
  return [...lines, `data: ${JSON.stringify(event)}`, '', ''].join(raw.includes('\r\n') ? '\r\n' : '\n');
}
