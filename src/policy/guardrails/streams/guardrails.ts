/** Checks a stream on its way to the client. It holds back undecided text only. One instance per response. */
import type { Match } from '../text/rule-matches.js';

export interface StreamGuardrails {
  /** Returns the part of the stream that may be shown now: whole events, possibly none. */
  push(chunk: Uint8Array | string): Uint8Array | string;
  /** Returns the rest at the end of the stream. */
  end(): Uint8Array | string;
  /** The match that ends the stream, after the part that was shown. */
  readonly blocked: Match | null;
}
