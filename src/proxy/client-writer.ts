import type { ServerResponse } from 'node:http';
import type { ContentCapture } from '../content/content-capture.js';
import { HeldEnd } from './held-end.js';

/** How long the last event of a cut answer may wait for a client that does not read. */
const UNREAD_MS = 1_000;

/** Hands an answer's bytes to the client: what arrives in one turn of the event loop leaves in one write. */
export class ClientWriter {
  #corked = false;
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
    this.response.end(this.#heldEnd?.rest());
  }

  /** False when the client is slow to read: whoever sends is to wait. */
  write(piece: Uint8Array | string): boolean {
    if (piece.length === 0) return true;
    this.capture?.shown(piece);
    const bytes = this.#heldEnd ? this.#heldEnd.push(piece) : piece;
    if (bytes.length === 0) return true;
    const { response } = this;
    if (!this.#corked) {
      this.#corked = true;
      response.cork();
      process.nextTick(() => {
        this.#corked = false;
        response.uncork();
      });
    }
    if (response.write(bytes)) return true;
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
    const unread = setTimeout(() => response.destroy(), UNREAD_MS).unref();
    response.write(event, () => {
      clearTimeout(unread);
      response.destroy();
    });
  }
}
