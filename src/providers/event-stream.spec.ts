import fc from 'fast-check';
import { decodeFrame, encodeFrame, EventStreamSplitter, peekFrame } from './event-stream.js';

describe('an event stream', () => {
  it('comes apart into its frames wherever it is cut', () => {
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
            piece.fill(0xff); // whoever brings bytes may use their memory again
          }
          expect(seen).toEqual(events);
          expect(splitter.isInsideFrame).toBe(false);
        },
      ),
    );
  });

  it('that is damaged is not believed, only looked at', () => {
    const frame = encodeFrame('exception', 'throttlingException', { message: 'Slowly.' });
    frame[frame.length - 8]! ^= 1;
    expect(() => decodeFrame(frame)).toThrow(/checksum/i);
    expect(peekFrame(frame)).toMatchObject({ kind: 'exception', name: 'throttlingException' });
  });

  it('ends where a frame is longer than any, or shorter', () => {
    for (const length of [0, 15, 25 * 1024 * 1024]) {
      const prelude = Buffer.alloc(16);
      prelude.writeUInt32BE(length);
      expect(() => new EventStreamSplitter(() => {}).push(prelude)).toThrow(RangeError);
    }
  });

  it('is seen to end inside a frame', () => {
    const splitter = new EventStreamSplitter(() => {});
    splitter.push(encodeFrame('event', 'metadata', {}).subarray(0, -1));
    expect(splitter.isInsideFrame).toBe(true);
  });
});
