import type { ServerResponse } from 'node:http';
import type { ContentCapture } from '../content/content-capture.js';
import type { StreamPosition } from '../providers/dialects/dialect.js';
import { endsWithLine } from '../providers/json-lines.js';
import type { StreamForm, TextStreamForm } from '../providers/stream-form.js';
import { HeldEnd } from './held-end.js';

/** How long the last event of a cut answer may wait for a client that does not read. */
const UNREAD_MS = 1_000;

/** Longer than the comments of vendors, which can follow the last event. */
const TAIL_CHARS = 256;

type Piece = Uint8Array | string;

/**
 * Hands an answer's bytes to the client. The pieces of one turn of the event loop are gathered here and leave in one write.
 * The response itself is never corked: Node 22 and later write the terminating chunk of a corked response before its content.
 */
export class ClientWriter {
  #gathered: Piece[] = [];
  #gatheredLength = 0;
  /** The last two writes. */
  #before: Piece = '';
  #last: Piece = '';
  #waitsForDrain = false;
  #heldEnd: HeldEnd | null = null;

  /** `onDrain`: the client reads again, after `write` gave false. `capture` hears what is shown. */
  constructor(
    private readonly response: ServerResponse,
    private readonly capture: ContentCapture | null,
    private readonly onDrain: () => void,
  ) {}

  /** From now on what may be the last of the response waits for `end`. `form`: of a stream that can be read; null: of none. */
  holdEnd(form: TextStreamForm | null): void {
    this.#heldEnd = new HeldEnd(form);
  }

  /** The answer is whole: what was held back follows. */
  end(): void {
    const rest = this.#heldEnd?.rest();
    if (rest) this.#gathered.push(rest);
    const last = this.#takeGathered();
    if (this.response.destroyed) return;
    if (last.length === 0) this.response.end();
    else this.response.end(last);
  }

  /** What the client has of a stream of this form; what is held back does not count. */
  positionIn(form: StreamForm | null): StreamPosition['before'] {
    const tail = [this.#before, this.#last, ...this.#gathered].slice(-2).map(latin1Tail).join('');
    if (tail === '') return 'nothing';
    const isBetween = form === 'lines' ? endsWithLine(tail) : endsBetweenEvents(tail);
    return isBetween ? 'whole events' : 'part of an event';
  }

  /** False when the client is slow to read: whoever sends is to wait. */
  write(piece: Piece): boolean {
    if (piece.length === 0) return true;
    this.capture?.shown(piece);
    const bytes = this.#heldEnd ? this.#heldEnd.push(piece) : piece;
    if (bytes.length === 0) return true;
    const { response } = this;
    this.#gathered.push(bytes);
    this.#gatheredLength += bytes.length;
    if (response.writableLength + this.#gatheredLength < response.writableHighWaterMark) {
      if (this.#gathered.length === 1) process.nextTick(this.#flush);
      return true;
    }
    if (this.#flush()) return true;
    if (!this.#waitsForDrain) {
      this.#waitsForDrain = true;
      response.once('drain', () => {
        this.#waitsForDrain = false;
        this.onDrain();
      });
    }
    return false;
  }

  /**
   * Completes the response with an event that tells an error; what was held back is not shown. `isCut`: a client that does not
   * read it soon loses the connection.
   */
  endWith(event: Piece, isCut: boolean): void {
    const { response } = this;
    if (response.destroyed) return;
    this.capture?.shown(event);
    this.#gathered.push(event);
    const unread = isCut ? setTimeout(() => response.destroy(), UNREAD_MS).unref() : undefined;
    response.end(this.#takeGathered(), () => clearTimeout(unread));
  }

  /** As `endWith` for a response that must not look complete: the connection is broken after the event. */
  breakOff(event: Piece): void {
    const { response } = this;
    if (response.destroyed) return;
    this.capture?.shown(event);
    this.#gathered.push(event);
    const unread = setTimeout(() => response.destroy(), UNREAD_MS).unref();
    response.write(this.#takeGathered(), () => {
      clearTimeout(unread);
      response.destroy();
    });
  }

  /** Writes what was gathered. False: the client is slow to read. */
  readonly #flush = (): boolean => {
    const { response } = this;
    if (this.#gathered.length === 0 || response.destroyed) return true;
    const bytes = this.#takeGathered();
    this.#before = this.#last;
    this.#last = bytes;
    return response.write(bytes);
  };

  #takeGathered(): Piece {
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#gatheredLength = 0;
    if (gathered.length === 1) return gathered[0]!;
    return Buffer.concat(gathered.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
  }
}

function latin1Tail(piece: Piece): string {
  if (typeof piece === 'string') return piece.slice(-TAIL_CHARS);
  const tail = piece.subarray(-TAIL_CHARS);
  return Buffer.from(tail.buffer, tail.byteOffset, tail.length).toString('latin1');
}

/** Comments between events (WHATWG HTML §9.2.6) belong to none. */
function endsBetweenEvents(tail: string): boolean {
  const events = tail.replace(/(?:(?<=^|[\r\n]):[^\r\n]*(?:\r\n|\n|\r))+$/, '');
  return events === '' || /(?:\n\n|\r\n\r\n|\r\r)$/.test(events);
}
