/** Looks at a stream on its way to the client. It holds back what is not decided, and nothing else. One per answer. */
import type { Match } from '../text-matches.js';

export interface StreamScreen {
  /** What may be shown of the stream now: whole events; possibly none. */
  push(chunk: Uint8Array | string): Uint8Array | string;
  /** What is left at the end of the stream. */
  end(): Uint8Array | string;
  /** The match for which the stream has to be broken off, after what was shown. */
  readonly blocked: Match | null;
}
