import type { StreamFilter } from './dialect.js';

const EMPTY = Buffer.alloc(0);

/** For dialects whose streams always tell their usage: nothing was asked for, nothing is taken out. */
export class PassThroughFilter implements StreamFilter {
  push(chunk: Uint8Array): Uint8Array {
    return chunk;
  }

  end(): Uint8Array {
    return EMPTY;
  }
}
