import { decodeJson, decodeLatin1 } from '../../wire/sse.js';
import type { StreamFilter } from '../base/dialect.js';
import { toFields } from '../base/token-counts.js';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const EMPTY = Buffer.alloc(0);

/** The usage chunk has a few hundred bytes; an event that grows beyond this is not one and passes unchanged. */
const MAX_BUFFERED_BYTES = 64 * 1024;

/**
 * Removes the chunk with empty `choices` and a `usage` object from a Chat Completions stream, and no other byte. Events
 * pass as soon as they are complete; an incomplete one is held, as it may be that chunk.
 */
export class UsageChunkFilter implements StreamFilter {
  #buffered: Buffer = EMPTY;

  push(chunk: Uint8Array): Uint8Array {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.#buffered.length === 0 ? fresh : Buffer.concat([this.#buffered, fresh]);
    let end = findCommentsEnd(bytes, findLastEventEnd(bytes));
    if (bytes.length - end > MAX_BUFFERED_BYTES) end = bytes.length;
    // a copy, so that a few held bytes do not keep a large chunk alive
    this.#buffered = end === bytes.length ? EMPTY : Buffer.from(bytes.subarray(end));
    return removeUsageChunk(bytes.subarray(0, end));
  }

  end(): Uint8Array {
    const rest = this.#buffered;
    this.#buffered = EMPTY;
    return removeUsageChunk(rest);
  }
}

/** Returns the offset after the comment lines at `from`, which belong to no event (keep-alives). */
function findCommentsEnd(bytes: Buffer, from: number): number {
  let end = from;
  while (bytes[end] === COLON) {
    const lineEnd = bytes.indexOf(LF, end);
    if (lineEnd < 0) break;
    end = lineEnd + 1;
  }
  return end;
}

/** Returns the offset after the last empty line: LF LF, CR LF CR LF or CR CR. */
function findLastEventEnd(bytes: Buffer): number {
  for (let i = bytes.length - 1; i > 0; i--) {
    if (endsEvent(bytes, i)) return i + 1;
  }
  return 0;
}

function endsEvent(bytes: Buffer, i: number): boolean {
  const c = bytes[i];
  if (c === LF) return bytes[i - 1] === LF || (bytes[i - 1] === CR && bytes[i - 2] === LF);
  return c === CR && bytes[i - 1] === CR;
}

/** Takes and returns whole events. Only an event that contains an empty array is parsed. */
function removeUsageChunk(events: Buffer): Buffer {
  let from = 0;
  for (let at = events.indexOf('[]'); at >= 0; at = events.indexOf('[]', from)) {
    const start = findLastEventEnd(events.subarray(0, at));
    const end = findEventEnd(events, at);
    if (isUsageChunk(events.subarray(start, end))) {
      events = Buffer.concat([events.subarray(0, start), events.subarray(end)]);
      from = start;
    } else from = end;
  }
  return events;
}

function findEventEnd(events: Buffer, from: number): number {
  for (let i = from; i < events.length; i++) if (endsEvent(events, i)) return i + 1;
  return events.length;
}

function isUsageChunk(event: Buffer): boolean {
  const lines = decodeLatin1(event).split(/\r\n|\r|\n/);
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5));
  const chunk = decodeJson(data.join('\n'));
  if (!chunk || chunk['error']) return false;
  const choices = chunk['choices'];
  return Array.isArray(choices) && choices.length === 0 && toFields(chunk['usage']) !== undefined;
}
