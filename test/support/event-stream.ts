/** Streams of Bedrock for tests, written down as a list of frames. */
import { encodeFrame } from '../../src/providers/event-stream.js';

export type WrittenFrame = { event: string; payload: unknown } | { exception: string; payload: unknown };

/** The bytes of a stream that a fixture tells as a list of frames. */
export const framesOf = (frames: unknown): Buffer[] =>
  (frames as WrittenFrame[]).map((frame) =>
    'event' in frame
      ? encodeFrame('event', frame.event, frame.payload)
      : encodeFrame('exception', frame.exception, frame.payload),
  );

export const bytesOf = (frames: unknown): Buffer => Buffer.concat(framesOf(frames));
