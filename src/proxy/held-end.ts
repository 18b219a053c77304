/**
 * Holds back the end of an answer that must not be seen whole before its record is safe. Of streams of events that is what
 * tells a client that nothing more will come, and all that follows; of everything else it is the last piece, which is
 * known when the next one has come.
 */

import type { TextStreamForm } from '../providers/stream-form.js';

/** How the vendors' last events can be known, those that a client might take for the last, and usage, which comes in between. */
const LAST_EVENT =
  /\[DONE\]|message_stop|(?:message|stream)-end|"(?:done|is_finished)"\s*:\s*true|"(?:finish_?|stop_)reason"\s*:\s*"|"choices"\s*:\s*\[\s*\]|\.(?:completed|incomplete|failed|done)\b/i;
/** As much as a mark may be long, for those that are spread over two pieces. */
const TAIL_CHARS = 32;
/** Comments and pings, which vendors send while they work: nothing can be told from them, also not that more will come. */
const SIGN_OF_LIFE = /^(?:(?::[^\r\n]*)?(?:\r\n|\n|\r)|event: ?ping\r?\ndata:[^\r\n]*\r?\n\r?\n)+$/;
/** Longer than any of them. */
const SIGN_OF_LIFE_BYTES = 512;
/** Events end with an empty line, JSON lines with a line feed. */
const EVENT_END: Readonly<Record<TextStreamForm, RegExp>> = { events: /(?:\n\n|\r\n\r\n|\r\r)$/, lines: /\n$/ };

export class HeldEnd {
  #held: Buffer[] = [];
  #tail = '';

  /** `form`: null for what is no stream. */
  constructor(private readonly form: TextStreamForm | null) {}

  /** What may go now. */
  push(piece: Uint8Array | string): Buffer {
    const bytes =
      typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (this.form === null) {
      const before = this.rest();
      this.#held.push(bytes);
      return before;
    }
    if (EVENT_END[this.form].test(this.#tail)) {
      if (this.#held.length > 0 && isSignOfLife(bytes)) {
        this.#held.push(bytes);
        return Buffer.alloc(0);
      }
      this.#tail = '';
    } else if (this.#held.length > 0) {
      this.#hold(bytes);
      return Buffer.alloc(0);
    }
    if (LAST_EVENT.test(this.#tail + bytes.toString('latin1'))) {
      this.#hold(bytes);
      return Buffer.alloc(0);
    }
    this.#remember(bytes);
    const before = this.rest();
    return before.length === 0 ? bytes : Buffer.concat([before, bytes]);
  }

  /** What was held back. */
  rest(): Buffer {
    const held = Buffer.concat(this.#held);
    this.#held = [];
    return held;
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#remember(bytes);
  }

  #remember(bytes: Buffer): void {
    this.#tail = (this.#tail + bytes.toString('latin1', Math.max(0, bytes.length - TAIL_CHARS))).slice(-TAIL_CHARS);
  }
}

const isSignOfLife = (bytes: Buffer): boolean =>
  bytes.length <= SIGN_OF_LIFE_BYTES && SIGN_OF_LIFE.test(bytes.toString('latin1'));
