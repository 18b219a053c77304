import { EventStreamCodec } from '@smithy/eventstream-codec';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, EventStreamSplitter, peekFrame } from './event-stream.js';

describe('an AWS event stream', () => {
  it('the stream is split into its frames wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.stringMatching(/^[a-zA-Z]{1,20}$/), text: fc.string({ unit: 'grapheme' }) })),
        fc.array(fc.integer({ min: 1, max: 60 })),
        (events, lengths) => {
          const bytes = Buffer.concat(events.map(({ name, text }) => encodeFrame('event', name, { text })));
          const seen: { name: string; text: string }[] = [];
          const splitter = new EventStreamSplitter((frame) => {
            const { name, payload } = decodeFrame(frame);
            expect(peekFrame(frame)).toEqual(decodeFrame(frame));
            seen.push({ name, ...(JSON.parse(payload.toString()) as { text: string }) });
          });
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const piece = Buffer.from(bytes.subarray(at, (at += lengths[i] ?? 1_000)));
            splitter.push(piece);
            piece.fill(0xff); // the caller may reuse the memory of its bytes
          }
          expect(seen).toEqual(events);
          expect(splitter.isInsideFrame).toBe(false);
        },
      ),
    );
  });

  it('a damaged frame fails its checksum but can be peeked at', () => {
    const frame = encodeFrame('exception', 'throttlingException', { message: 'Slowly.' });
    for (const at of [5, 9, 40, frame.length - 8, frame.length - 1]) {
      const damaged = Buffer.from(frame);
      damaged[at]! ^= 1;
      expect(() => decodeFrame(damaged)).toThrow(/checksum/i);
    }
    frame[frame.length - 8]! ^= 1;
    expect(peekFrame(frame)).toMatchObject({ kind: 'exception', name: 'throttlingException' });
  });

  it('frames with other header types are decoded', () => {
    const codec = new EventStreamCodec(
      (bytes) => Buffer.from(bytes).toString(),
      (text) => Buffer.from(text),
    );
    const text = (value: string) => ({ type: 'string', value }) as const;
    const bytes = codec.encode({
      headers: {
        attempt: { type: 'integer', value: 3 },
        ':message-type': text('error'),
        ':error-code': text('InternalFailure'),
        ':error-message': text('Try again.'),
      },
      body: Buffer.alloc(0),
    });
    const read = decodeFrame(Buffer.from(bytes));
    expect(read).toMatchObject({ kind: 'error', name: 'InternalFailure', message: 'Try again.' });
  });

  it('a frame of invalid length is refused with RangeError', () => {
    for (const length of [0, 15, 25 * 1024 * 1024]) {
      const prelude = Buffer.alloc(16);
      prelude.writeUInt32BE(length);
      expect(() => new EventStreamSplitter(() => {}).push(prelude)).toThrow(RangeError);
    }
  });

  it('a stream that ends inside a frame is recognized', () => {
    const splitter = new EventStreamSplitter(() => {});
    splitter.push(encodeFrame('event', 'metadata', {}).subarray(0, -1));
    expect(splitter.isInsideFrame).toBe(true);
  });
});
