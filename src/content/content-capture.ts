/** Listens to one call: what it asks and what the client is shown. It only looks; nothing waits for it. */
import type { LlmProxy } from '../orgs/llm-proxy-policy.js';

/** Of the request, and of the answer. Longer ones are cut; most are a tenth of it. */
const MOST_BYTES = 256 * 1024;

/** The beginning of a text. */
export interface Captured {
  readonly bytes: Buffer;
  readonly isTruncated: boolean;
}

export class ContentCapture {
  readonly request: Captured | null;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #isTruncated = false;
  /** Lower-case; of the answer as the client gets it. Null: it has none, or cannot be read. */
  contentType: string | null = null;

  private constructor(
    readonly mode: 'redacted' | 'full',
    readonly retentionDays: number,
    request: Buffer | null,
  ) {
    this.request = request && request.length > 0 ? cut(request) : null;
  }

  /** Null where nothing is kept. `request`: the body as it goes on; null: an upload. */
  static of({ capture }: LlmProxy, request: Buffer | null): ContentCapture | null {
    return capture && new ContentCapture(capture.mode, capture.retentionDays, request);
  }

  /** A piece of the answer, as the client gets it. */
  shown(piece: Uint8Array | string): void {
    if (this.contentType === null || this.#isTruncated) return;
    const bytes =
      typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    this.#isTruncated = this.#bytes > MOST_BYTES;
  }

  get answer(): Captured | null {
    if (this.#bytes === 0) return null;
    return cut(Buffer.concat(this.#pieces, this.#bytes));
  }
}

function cut(bytes: Buffer): Captured {
  if (bytes.length <= MOST_BYTES) return { bytes, isTruncated: false };
  let end = MOST_BYTES;
  // No half characters (RFC 3629 §3): go back to where one begins.
  while (end > MOST_BYTES - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return { bytes: Buffer.from(bytes.subarray(0, end)), isTruncated: true };
}
