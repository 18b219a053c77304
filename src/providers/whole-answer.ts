import { type JsonMembers, type JsonSpan, type MemberKeys, scanMembers } from './json-members.js';
import { skipColon, skipSpace, skipValue } from './json-text.js';

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
  return keys.names.map((name) => lastMember(tail, name));
}

/** The value of the last member of this name whose value is complete, at any depth, in a text that may be cut at both ends. */
export function lastMember(text: Buffer, name: string): JsonSpan | undefined {
  const needle = `"${name}"`;
  for (let at = text.lastIndexOf(needle); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(needle, at - 1)) {
    try {
      const start = skipSpace(text, skipColon(text, at + needle.length));
      return { start, end: skipValue(text, start) };
    } catch {
      // not a member's name, or its value is cut: an earlier one may do
    }
  }
  return undefined;
}
