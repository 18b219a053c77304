import type { ServerResponse } from 'node:http';
import type { ContentCapture } from '../content/content-capture.js';
import { HeldEnd } from './held-end.js';

/** How long the last event of a cut answer may wait for a client that does not read. */
const UNREAD_MS = 1_000;

/**
 * Hands an answer's bytes to the client. The pieces of one turn of the event loop are gathered here and leave in one write.
 * The response itself is never corked: Node 22 and later write the terminating chunk of a corked response before its content.
 */
export class ClientWriter {
  #gathered: (Uint8Array | string)[] = [];
  #gatheredLength = 0;
  #waitsForDrain = false;
  #heldEnd: HeldEnd | null = null;

  /** `onDrain`: the client reads again, after `write` gave false. `capture` hears what is shown. */
  constructor(
    private readonly response: ServerResponse,
    private readonly capture: ContentCapture | null,
    private readonly onDrain: () => void,
  ) {}

  /** From now on what may be the last of the answer waits for `end`. */
  holdEnd(isEventStream: boolean): void {
    this.#heldEnd = new HeldEnd(isEventStream);
  }

  /** The answer is whole: what was held back follows. */
  end(): void {
    const rest = this.#heldEnd?.rest();
    if (rest) this.#gathered.push(rest);
    const last = this.#takeGathered();
    if (last.length === 0) this.response.end();
    else this.response.end(last);
  }

  /** False when the client is slow to read: whoever sends is to wait. */
  write(piece: Uint8Array | string): boolean {
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

  /** The last event of an answer that must not look complete; what was held back is not shown. The connection is broken after it, or soon if nobody reads it. */
  breakOff(event: Uint8Array | string): void {
    const { response } = this;
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
    return response.write(this.#takeGathered());
  };

  #takeGathered(): Uint8Array | string {
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#gatheredLength = 0;
    if (gathered.length === 1) return gathered[0]!;
    return Buffer.concat(gathered.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
  }
}
