/** Captures the request and the response of one call. Only observes: the call never waits for it. */
import type { LlmProxy } from '../../orgs/llm-proxies/policy/llm-proxy.js';

/** Maximum for the request, and for the response. Longer ones are truncated; most are a tenth of it. */
export const MAX_STORED_BYTES = 256 * 1024;
/**
 * Captures more than is stored, as a match across the end must be seen whole, or half of it would be stored. The margin
 * is longer than any match of a detector.
 */
const MAX_CAPTURED_BYTES = MAX_STORED_BYTES + 16 * 1024;

/** The beginning of a text, and a little more than is stored of it. */
export interface Captured {
  readonly bytes: Buffer;
  readonly isTruncated: boolean;
}

export class ContentCapture {
  readonly request: Captured | null;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #isTruncated = false;
  /** Content type of the response to the client, in lower case. Null: it has none, or cannot be read. */
  contentType: string | null = null;

  private constructor(
    readonly mode: 'redacted' | 'full',
    readonly retentionDays: number,
    request: Buffer | null,
  ) {
    this.request = request && request.length > 0 ? truncateCaptured(request) : null;
  }

  /**
   * Returns null if the LLM proxy does not capture content. `request`: the body as sent to the provider; null for an
   * upload.
   */
  static create({ capture }: LlmProxy, request: Buffer | null): ContentCapture | null {
    return capture && new ContentCapture(capture.mode, capture.retentionDays, request);
  }

  /** Adds a piece of the response, as sent to the client. */
  push(piece: Uint8Array | string): void {
    if (this.contentType === null || this.#isTruncated) return;
    const bytes =
      typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#isTruncated = this.#bytes > MAX_CAPTURED_BYTES;
  }

  /** Returns the response as sent to the client. */
  getResponse(): Captured | null {
    if (this.#bytes === 0) return null;
    return truncateCaptured(Buffer.concat(this.#chunks, this.#bytes));
  }
}

function truncateCaptured(bytes: Buffer): Captured {
  if (bytes.length <= MAX_CAPTURED_BYTES) return { bytes, isTruncated: false };
  return { bytes: Buffer.from(truncateUtf8(bytes, MAX_CAPTURED_BYTES)), isTruncated: true };
}

/** Returns up to `max` bytes, without splitting a character (RFC 3629 §3). */
export function truncateUtf8(bytes: Buffer, max: number): Buffer {
  if (bytes.length <= max) return bytes;
  let end = max;
  while (end > max - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
