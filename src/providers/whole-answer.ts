import { type JsonMembers, type JsonSpan, type MemberKeys, scanMembers } from './json-members.js';
import { skipSpace, skipValue } from './json-text.js';

/** A larger answer (many embeddings) is not kept for the meter: only its end, where the vendors put the usage. */
const KEEP_WHOLE_BYTES = 1024 * 1024;
const KEEP_TAIL_BYTES = 64 * 1024;

/** Keeps the chunks of an answer that is no stream (by reference, not copied) and reads members out of it. */
export class WholeAnswer {
  private chunks: Uint8Array[] = [];
  private keptBytes = 0;
  private truncated = false;

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.keptBytes += chunk.byteLength;
    if (this.keptBytes <= KEEP_WHOLE_BYTES) return;
    const tail = this.joined();
    this.chunks = [Buffer.from(tail.subarray(tail.length - KEEP_TAIL_BYTES))];
    this.keptBytes = KEEP_TAIL_BYTES;
    this.truncated = true;
  }

  /** The members of the answer as far as it is an object; null when it is not, or not complete. */
  read(keys: MemberKeys): AnswerMembers | null {
    const text = this.joined();
    if (this.truncated) return new AnswerMembers(text, lastMembers(text, keys));
    try {
      return new AnswerMembers(text, scanMembers(text, keys).values);
    } catch {
      return null;
    }
  }

  /** The kept bytes, all of the answer unless it was large. */
  joined(): Buffer {
    if (this.chunks.length === 1) {
      const only = this.chunks[0]!;
      return Buffer.isBuffer(only) ? only : Buffer.from(only.buffer, only.byteOffset, only.byteLength);
    }
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}

/** Member values of an answer; each is parsed when it is asked for. */
export class AnswerMembers {
  constructor(
    private readonly text: Buffer,
    private readonly values: JsonMembers['values'],
  ) {}

  /** The value of the key at this index of the scanned keys; undefined when it is missing or broken. */
  value(index: number): unknown {
    const span = this.values[index];
    if (span === undefined) return undefined;
    try {
      return JSON.parse(this.text.toString('utf8', span.start, span.end));
    } catch {
      return undefined;
    }
  }
}

/** The last occurrence of each key in the end of an answer too large to keep; enough, as vendors put these members last. */
function lastMembers(tail: Buffer, keys: MemberKeys): (JsonSpan | undefined)[] {
  return keys.names.map((name) => {
    const at = tail.lastIndexOf(`"${name}":`);
    if (at < 0) return undefined;
    try {
      const start = skipSpace(tail, at + name.length + 3);
      return { start, end: skipValue(tail, start) };
    } catch {
      return undefined;
    }
  });
}
