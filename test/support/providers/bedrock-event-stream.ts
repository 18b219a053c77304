/** Streams of Bedrock for tests, written as a list of frames. */
import { encodeFrame } from '../../../src/providers/wire/event-stream.js';

/** `chunk`: an event of a model's vendor, which Bedrock encodes as base64. */
export type WrittenFrame =
  { event: string; payload: unknown } | { exception: string; payload: unknown } | { chunk: unknown };

/** Encodes the frames that a fixture lists. */
export const framesOf = (frames: unknown): Buffer[] =>
  (frames as WrittenFrame[]).map((frame) => {
    if ('event' in frame) return encodeFrame('event', frame.event, frame.payload);
    if ('exception' in frame) return encodeFrame('exception', frame.exception, frame.payload);
    const bytes = Buffer.from(JSON.stringify(frame.chunk)).toString('base64');
    return encodeFrame('event', 'chunk', { bytes, p: 'abcdefg' });
  });

export const bytesOf = (frames: unknown): Buffer => Buffer.concat(framesOf(frames));
