import { StringDecoder } from 'node:string_decoder';
import { parseMarked, writeJson } from '../../../providers/json/exact.js';
import type { EventMembers, EventSplitter, OnComment, OnEvent } from './event-splitter.js';

const EVENT_END = /\r\n\r\n|\n\n|\r\r/g;
const LINE_END = /\r\n|\n|\r/;
const BYTE_ORDER_MARK = /^\ufeff/;
/** Comments and empty lines between two events. A lone CR at the end may be half a line end, and is held back. */
const BETWEEN_EVENTS = /(?:(?::[^\r\n]*)?(?:\r\n|\n|\r(?!$)))+/y;
/** A colon, CR and LF. */
const BEGINS_BETWEEN: ReadonlySet<number> = new Set([0x3a, 0x0d, 0x0a]);

/** Splits a stream of server-sent events (WHATWG HTML §9.2) into events, across any chunks. */
export class SseSplitter implements EventSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(
    private readonly onEvent: OnEvent,
    private readonly onComment: OnComment,
    private readonly isParsed = true,
  ) {}

  push(chunk: Uint8Array | string): void {
    const received = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    const text = this.#rest + received;
    let from = this.#passBetween(text, 0);
    // the separator may have arrived in two chunks
    EVENT_END.lastIndex = Math.max(from, this.#rest.length - 3);
    while (EVENT_END.test(text)) {
      const end = EVENT_END.lastIndex;
      this.#emit(text.slice(from, end));
      from = this.#passBetween(text, end);
      EVENT_END.lastIndex = from;
    }
    this.#rest = text.slice(from);
  }

  /** Passes on text that belongs to no event. Returns the offset at which the next event begins. */
  #passBetween(text: string, from: number): number {
    if (!BEGINS_BETWEEN.has(text.charCodeAt(from))) return from;
    BETWEEN_EVENTS.lastIndex = from;
    const passed = BETWEEN_EVENTS.exec(text)?.[0] ?? '';
    if (passed !== '') this.onComment(passed);
    return from + passed.length;
  }

  /** The rest is an event. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest !== '') this.#emit(rest);
  }

  #emit(raw: string): void {
    const data = readData(raw);
    if (data === null) this.onComment(raw);
    else this.onEvent(raw, this.isParsed ? parseData(data) : null, data);
  }
}

function readData(raw: string): string | null {
  // a byte order mark before the first event does not belong to it (§9.2.6)
  const lines = raw
    .replace(BYTE_ORDER_MARK, '')
    .split(LINE_END)
    .filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(5)).join('\n');
}

function parseData(data: string): EventMembers | null {
  try {
    const value = parseMarked(data);
    return typeof value === 'object' && value !== null ? (value as EventMembers) : null;
  } catch {
    return null;
  }
}

/** Writes the event with other data; its other lines stay. */
export const writeSseEvent = (event: EventMembers, raw: string): string => replaceData(raw, writeJson(event), null);

/**
 * Writes the event with other data, `json`, and with the name `type` if it had a name and `type` is not null; its other
 * lines stay.
 */
export function replaceData(raw: string, json: string, type: string | null): string {
  const lines = raw
    .replace(BYTE_ORDER_MARK, '')
    .split(LINE_END)
    .filter((line) => line !== '' && !line.startsWith('data:'))
    .map((line) => (type !== null && line.startsWith('event:') ? `event: ${type}` : line));
  return [...lines, `data: ${json}`, '', ''].join(raw.includes('\r\n') ? '\r\n' : '\n');
}
