import type { StreamFilter } from './dialect.js';

const EMPTY = Buffer.alloc(0);

/** Filter of dialects whose streams always report their usage: nothing was requested, so nothing is removed. */
export class PassThroughFilter implements StreamFilter {
  push(chunk: Uint8Array): Uint8Array {
    return chunk;
  }

  end(): Uint8Array {
    return EMPTY;
  }
}
