/** Listens to one call: what it asks and what the client is shown. It only looks; nothing waits for it. */
import type { LlmProxy } from '../orgs/llm-proxy-policy.js';

/** Of the request, and of the answer. Longer ones are cut; most are a tenth of it. */
export const MOST_KEPT_BYTES = 256 * 1024;
/** What lies across the end of what is kept has to be seen whole, or half of it would stay. Longer than what detectors look for. */
const MOST_BYTES = MOST_KEPT_BYTES + 16 * 1024;

/** The beginning of a text, and a little more than is kept of it. */
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

  /** What the client was shown. */
  answer(): Captured | null {
    if (this.#bytes === 0) return null;
    return cut(Buffer.concat(this.#pieces, this.#bytes));
  }
}

function cut(bytes: Buffer): Captured {
  if (bytes.length <= MOST_BYTES) return { bytes, isTruncated: false };
  return { bytes: Buffer.from(beginning(bytes, MOST_BYTES)), isTruncated: true };
}

/** Up to so many bytes, and no half characters (RFC 3629 §3): it goes back to where one begins. */
export function beginning(bytes: Buffer, most: number): Buffer {
  if (bytes.length <= most) return bytes;
  let end = most;
  while (end > most - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
