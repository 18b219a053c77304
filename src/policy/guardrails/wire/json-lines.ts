import { StringDecoder } from 'node:string_decoder';
import { parseMarked, writeJson } from '../../../providers/json/exact.js';
import type { EventMembers, EventSplitter, OnComment, OnEvent } from './event-splitter.js';

/** A line that is not JSON, as an event with one text. */
class PlainLine {
  constructor(public line: string) {}
}

/**
 * Splits a stream of JSON lines into lines, across any chunks. Empty lines are not part of the stream and are not held
 * back.
 */
export class LineSplitter implements EventSplitter {
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
    let from = 0;
    for (let end = text.indexOf('\n', this.#rest.length); end >= 0; end = text.indexOf('\n', from)) {
      this.#emit(text.slice(from, end + 1));
      from = end + 1;
    }
    this.#rest = text.slice(from);
  }

  /** The rest is a line. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest !== '') this.#emit(rest);
  }

  #emit(raw: string): void {
    const line = raw.trim();
    if (line === '') this.onComment(raw);
    else this.onEvent(raw, this.isParsed ? parseLine(line) : null, line);
  }
}

function parseLine(line: string): EventMembers {
  try {
    const value = parseMarked(line);
    if (typeof value === 'object' && value !== null) return value as EventMembers;
  } catch {
    // one text, as with a whole document that is not JSON
  }
  return new PlainLine(line) as unknown as EventMembers;
}

/** Writes the line of a changed event. */
export const writeLine = (event: EventMembers, raw: string): string =>
  replaceLine(raw, event instanceof PlainLine ? event.line : writeJson(event));

/** Writes the line with another document, `json`. */
export const replaceLine = (raw: string, json: string): string => json + (raw.endsWith('\r\n') ? '\r\n' : '\n');
