import type { ServerResponse } from 'node:http';

/** How long the last event of a cut answer may wait for a client that does not read. */
const UNREAD_MS = 1_000;

/** Hands an answer's bytes to the client: what arrives in one turn of the event loop leaves in one write. */
export class ClientWriter {
  #corked = false;
  #waitsForDrain = false;

  /** `onDrain`: the client reads again, after `write` gave false. */
  constructor(
    private readonly response: ServerResponse,
    private readonly onDrain: () => void,
  ) {}

  /** False when the client is slow to read: whoever sends is to wait. */
  write(bytes: Uint8Array | string): boolean {
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

  /** The last event of an answer that must not look complete: the connection is broken after it, or soon if nobody reads it. */
  breakOff(event: Uint8Array | string): void {
    const { response } = this;
    const unread = setTimeout(() => response.destroy(), UNREAD_MS).unref();
    response.write(event, () => {
      clearTimeout(unread);
      response.destroy();
    });
  }
}
