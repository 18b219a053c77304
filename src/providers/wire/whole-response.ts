import { type JsonMembers, type JsonSpan, type MemberKeys, scanMembers } from '../json/members.js';
import { skipColon, skipSpace, skipValue } from '../json/text.js';

/** Of a larger response (many embeddings) only the end is kept for the meter, where the vendors put the usage. */
const KEEP_WHOLE_BYTES = 1024 * 1024;
const KEEP_TAIL_BYTES = 64 * 1024;

/** Keeps the chunks of a response that is not a stream (by reference, not copied) and reads members of it. */
export class WholeResponse {
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  #isTruncated = false;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.byteLength;
    if (this.#bufferedBytes <= KEEP_WHOLE_BYTES) return;
    const tail = this.join();
    this.#chunks = [Buffer.from(tail.subarray(tail.length - KEEP_TAIL_BYTES))];
    this.#bufferedBytes = KEEP_TAIL_BYTES;
    this.#isTruncated = true;
  }

  /** Returns the members of the response; null if it is not an object or not complete. */
  read(keys: MemberKeys): ResponseMembers | null {
    const text = this.join();
    if (this.#isTruncated) return new ResponseMembers(text, findLastMembers(text, keys));
    try {
      return new ResponseMembers(text, scanMembers(text, keys).values);
    } catch {
      return null;
    }
  }

  /** Returns the kept bytes: the complete response unless it was large. */
  join(): Buffer {
    if (this.#chunks.length === 1) {
      const only = this.#chunks[0]!;
      return Buffer.isBuffer(only) ? only : Buffer.from(only.buffer, only.byteOffset, only.byteLength);
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

/** Member values of a response; each is parsed when it is requested. */
export class ResponseMembers {
  constructor(
    private readonly text: Buffer,
    private readonly values: JsonMembers['values'],
  ) {}

  /** Returns the value of the key at this index of the scanned keys; undefined if it is missing or broken. */
  get(index: number): unknown {
    const span = this.values[index];
    if (span === undefined) return undefined;
    try {
      return JSON.parse(this.text.toString('utf8', span.start, span.end));
    } catch {
      return undefined;
    }
  }
}

/**
 * Returns the last occurrence of each key in the end of a response too large to keep; this suffices, as vendors put
 * these members last.
 */
function findLastMembers(tail: Buffer, keys: MemberKeys): (JsonSpan | undefined)[] {
  return keys.names.map((name) => findLastMember(tail, name));
}

/**
 * Returns the value of the last member of this name whose value is complete, at any depth, in a text that may be cut at
 * both ends.
 */
export function findLastMember(text: Buffer, name: string): JsonSpan | undefined {
  const needle = `"${name}"`;
  for (let at = text.lastIndexOf(needle); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(needle, at - 1)) {
    try {
      const start = skipSpace(text, skipColon(text, at + needle.length));
      return { start, end: skipValue(text, start) };
    } catch {
      // not a member's name, or its value is cut: try an earlier one
    }
  }
  return undefined;
}
