import type { ServerResponse } from 'node:http';
import type { ContentCapture } from '../../content/capture/content-capture.js';
import type { Dialect, StreamPosition } from '../../providers/dialects/base/dialect.js';
import { isLineEnd } from '../../providers/wire/json-lines.js';
import type { StreamForm, TextStreamForm } from '../../providers/wire/stream-form.js';
import { FinalEventBuffer } from './final-event-buffer.js';

/** Time that the last event of a cut response waits for a client that does not read. */
const UNREAD_MS = 1_000;

/** Exceeds the length of vendors' comments, which can follow the last event. */
const TAIL_CHARS = 256;

type Chunk = Uint8Array | string;

/**
 * Writes the bytes of a response to the client. The pieces of one turn of the event loop are gathered here and leave in
 * one write. The response itself is never corked: Node 22 and later write the terminating chunk of a corked response
 * before its content.
 */
export class ClientWriter {
  #gathered: Chunk[] = [];
  #gatheredLength = 0;
  /** The last two writes. */
  #before: Chunk = '';
  #last: Chunk = '';
  #waitsForDrain = false;
  #finalEvents: FinalEventBuffer | null = null;

  /** `onDrain` is called when the client reads again after `write` returned false. `capture` records what is shown. */
  constructor(
    private readonly response: ServerResponse,
    private readonly capture: ContentCapture | null,
    private readonly onDrain: () => void,
  ) {}

  /**
   * From now on holds back what may be the end of the response until `end`. `form`: of a stream that can be read; null
   * for everything else.
   */
  bufferFinalEvent(dialect: Pick<Dialect, 'finalEvent'>, form: TextStreamForm | null): void {
    this.#finalEvents = new FinalEventBuffer(dialect, form);
  }

  /** Completes the response: sends what was held back and ends it. */
  end(): void {
    const rest = this.#finalEvents?.takeRest();
    if (rest) this.#gathered.push(rest);
    const last = this.#takeGathered();
    if (this.response.destroyed) return;
    if (last.length === 0) this.response.end();
    else this.response.end(last);
  }

  /** Returns what the client has received of a stream of this form, not counting what is held back. */
  getPosition(form: StreamForm | null): StreamPosition['before'] {
    const tail = [this.#before, this.#last, ...this.#gathered].slice(-2).map(readLatin1Tail).join('');
    if (tail === '') return 'nothing';
    const isBetween = form === 'lines' ? isLineEnd(tail) : isBetweenEvents(tail);
    return isBetween ? 'whole events' : 'part of an event';
  }

  /** Writes a piece. Returns false when the client is slow to read: the sender must wait. */
  write(piece: Chunk): boolean {
    if (piece.length === 0) return true;
    this.capture?.push(piece);
    const bytes = this.#finalEvents ? this.#finalEvents.push(piece) : piece;
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
   * Completes the response with an error event; what was held back is dropped. `isCut`: a client that does not read the
   * event within `UNREAD_MS` loses the connection.
   */
  endWith(event: Chunk, isAborted: boolean): void {
    const { response } = this;
    if (response.destroyed) return;
    this.capture?.push(event);
    this.#gathered.push(event);
    const unread = isAborted ? setTimeout(() => response.destroy(), UNREAD_MS).unref() : undefined;
    response.end(this.#takeGathered(), () => clearTimeout(unread));
  }

  /** As `endWith` for a response that must not look complete: closes the connection after the event. */
  breakOff(event: Chunk): void {
    const { response } = this;
    if (response.destroyed) return;
    this.capture?.push(event);
    this.#gathered.push(event);
    const unread = setTimeout(() => response.destroy(), UNREAD_MS).unref();
    response.write(this.#takeGathered(), () => {
      clearTimeout(unread);
      response.destroy();
    });
  }

  /** Writes what was gathered. Returns false when the client is slow to read. */
  readonly #flush = (): boolean => {
    const { response } = this;
    if (this.#gathered.length === 0 || response.destroyed) return true;
    const bytes = this.#takeGathered();
    this.#before = this.#last;
    this.#last = bytes;
    return response.write(bytes);
  };

  #takeGathered(): Chunk {
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#gatheredLength = 0;
    if (gathered.length === 1) return gathered[0]!;
    return Buffer.concat(gathered.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
  }
}

function readLatin1Tail(piece: Chunk): string {
  if (typeof piece === 'string') return piece.slice(-TAIL_CHARS);
  const tail = piece.subarray(-TAIL_CHARS);
  return Buffer.from(tail.buffer, tail.byteOffset, tail.length).toString('latin1');
}

/** Whether the text ends between two events. Comments between events (WHATWG HTML §9.2.6) belong to neither. */
function isBetweenEvents(tail: string): boolean {
  const events = tail.replace(/(?:(?<=^|[\r\n]):[^\r\n]*(?:\r\n|\n|\r))+$/, '');
  return events === '' || /(?:\n\n|\r\n\r\n|\r\r)$/.test(events);
}
