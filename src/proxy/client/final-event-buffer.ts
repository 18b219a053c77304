/**
 * Holds back the end of a response that must not be seen whole before its record is stored. For streams of events that
 * is the event that announces the end to the client, and all that follows. For everything else it is the last piece,
 * which is known once the next one has arrived.
 */

import type { Dialect } from '../../providers/dialects/base/dialect.js';
import type { TextStreamForm } from '../../providers/wire/stream-form.js';

/** Longest mark of a dialect's final event: finds marks that are spread over two pieces. */
const TAIL_CHARS = 32;
/** Comments and pings, which vendors send while they work. They do not show whether more will follow. */
const KEEP_ALIVE = /^(?:(?::[^\r\n]*)?(?:\r\n|\n|\r)|event: ?ping\r?\ndata:[^\r\n]*\r?\n\r?\n)+$/;
/** Exceeds the length of every comment or ping. */
const MAX_KEEP_ALIVE_BYTES = 512;
/** End of a unit of the stream: events end with an empty line, JSON lines with a line feed. */
const EVENT_END: Readonly<Record<TextStreamForm, RegExp>> = { events: /(?:\n\n|\r\n\r\n|\r\r)$/, lines: /\n$/ };

export class FinalEventBuffer {
  #buffered: Buffer[] = [];
  #tail = '';

  readonly #form: TextStreamForm | null;
  readonly #finalEvent: RegExp | null;

  /** `form`: null if the response is not a stream. */
  constructor({ finalEvent }: Pick<Dialect, 'finalEvent'>, form: TextStreamForm | null) {
    this.#form = finalEvent ? form : null;
    this.#finalEvent = finalEvent ?? null;
  }

  /** Takes a piece and returns the bytes that may be sent now. */
  push(piece: Uint8Array | string): Buffer {
    const bytes =
      typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    if (this.#form === null) {
      const before = this.takeRest();
      this.#buffered.push(bytes);
      return before;
    }
    if (EVENT_END[this.#form].test(this.#tail)) {
      if (this.#buffered.length > 0 && isKeepAlive(bytes)) {
        this.#buffered.push(bytes);
        return Buffer.alloc(0);
      }
      this.#tail = '';
    } else if (this.#buffered.length > 0) {
      this.#buffer(bytes);
      return Buffer.alloc(0);
    }
    if (this.#finalEvent!.test(this.#tail + bytes.toString('latin1'))) {
      this.#buffer(bytes);
      return Buffer.alloc(0);
    }
    this.#appendToTail(bytes);
    const before = this.takeRest();
    return before.length === 0 ? bytes : Buffer.concat([before, bytes]);
  }

  /** Returns what was held back, and empties it. */
  takeRest(): Buffer {
    const buffered = Buffer.concat(this.#buffered);
    this.#buffered = [];
    return buffered;
  }

  #buffer(bytes: Buffer): void {
    this.#buffered.push(bytes);
    this.#appendToTail(bytes);
  }

  #appendToTail(bytes: Buffer): void {
    this.#tail = (this.#tail + bytes.toString('latin1', Math.max(0, bytes.length - TAIL_CHARS))).slice(-TAIL_CHARS);
  }
}

const isKeepAlive = (bytes: Buffer): boolean =>
  bytes.length <= MAX_KEEP_ALIVE_BYTES && KEEP_ALIVE.test(bytes.toString('latin1'));
