/** The client's names of tools in a vendor's response that passes as bytes. */
import type { StreamFilter } from '../../providers/dialects/base/dialect.js';
import { decodeLatin1 } from '../../providers/wire/sse.js';
import type { ResponseRestoration } from '../pivot/response-translation.js';
import type { VendorToolNames } from './vendor-names.js';

/**
 * Works on JSON strings that are a stand-in and nothing else; all other bytes stay. A stand-in holds the digest of a name, and
 * its characters have no other spelling in JSON.
 */
export class ToolNameRestoration implements ResponseRestoration {
  readonly #string: RegExp;

  constructor(private readonly names: VendorToolNames) {
    // behind a backslash a quote is a character of the string around it
    this.#string = new RegExp(`(?<!\\\\)"(${[...names.standIns].join('|')})"`, 'g');
  }

  restore(body: Buffer): Buffer {
    const text = decodeLatin1(body);
    const restored = text.replace(this.#string, (_string, standIn: string) => this.#encodeOriginal(standIn));
    return restored === text ? body : Buffer.from(restored, 'latin1');
  }

  createFilter(): StreamFilter {
    return new RestoredLineFilter((lines) => this.restore(lines));
  }

  /** As latin1: one character per byte. */
  #encodeOriginal(standIn: string): string {
    return Buffer.from(JSON.stringify(this.names.getOriginal(standIn))).toString('latin1');
  }
}

const LF = 0x0a;
const EMPTY = Buffer.alloc(0);

/** Hands whole lines on: server-sent events have no JSON string on two of them (WHATWG HTML §9.2). */
class RestoredLineFilter implements StreamFilter {
  #buffered: Buffer[] = [];

  constructor(private readonly restore: (lines: Buffer) => Buffer) {}

  push(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(LF) + 1;
    if (end === 0) {
      this.#buffered.push(Buffer.from(bytes));
      return EMPTY;
    }
    const lines = Buffer.concat([...this.#buffered, bytes.subarray(0, end)]);
    // A copy: the caller may reuse the memory of its chunk.
    this.#buffered = end === bytes.length ? [] : [Buffer.from(bytes.subarray(end))];
    return this.restore(lines);
  }

  end(): Uint8Array {
    const rest = Buffer.concat(this.#buffered);
    this.#buffered = [];
    return this.restore(rest);
  }
}
