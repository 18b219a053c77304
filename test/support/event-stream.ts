/** Streams of Bedrock for tests, written down as a list of frames. */
import { encodeFrame } from '../../src/providers/event-stream.js';

/** `chunk`: an event of a model's vendor, which Bedrock packs as base64. */
export type WrittenFrame =
  { event: string; payload: unknown } | { exception: string; payload: unknown } | { chunk: unknown };

/** The bytes of a stream that a fixture tells as a list of frames. */
export const framesOf = (frames: unknown): Buffer[] =>
  (frames as WrittenFrame[]).map((frame) => {
    if ('event' in frame) return encodeFrame('event', frame.event, frame.payload);
    if ('exception' in frame) return encodeFrame('exception', frame.exception, frame.payload);
    const bytes = Buffer.from(JSON.stringify(frame.chunk)).toString('base64');
    return encodeFrame('event', 'chunk', { bytes, p: 'abcdefg' });
  });

export const bytesOf = (frames: unknown): Buffer => Buffer.concat(framesOf(frames));
