import { isUuid, createId } from './ids.js';

describe('a new id', () => {
  it('an id is a UUID of version 7 with the RFC 9562 variant', () => {
    for (let i = 0; i < 1000; i++) {
      expect(createId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('an id begins with the milliseconds of its creation (RFC 9562 appendix A.6)', () => {
    expect(createId(0x017f22e279b0)).toMatch(/^017f22e2-79b0-7/);
    expect(createId(0)).toMatch(/^00000000-0000-7/);
    expect(createId(2 ** 48 - 1)).toMatch(/^ffffffff-ffff-7/);
  });

  it('an id sorts after ids of earlier milliseconds', () => {
    const ids = [1, 255, 256, 65_535, 65_536, 2 ** 32, 1_700_000_000_000].map((ms) => createId(ms));
    expect([...ids].sort()).toEqual(ids);
  });

  it('an id is never repeated within one millisecond', () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => createId(1)));
    expect(ids.size).toBe(20_000);
  });

  it('an id has 74 random bits', () => {
    const seenOnes = new Array<bigint>(2).fill(0n);
    for (let i = 0; i < 500; i++) {
      const bits = BigInt(`0x${createId(0).replaceAll('-', '')}`);
      seenOnes[0]! |= bits;
      seenOnes[1]! |= ~bits & (2n ** 128n - 1n);
    }
    const both = (seenOnes[0]! & seenOnes[1]!).toString(2).replaceAll('0', '');
    expect(both).toHaveLength(74);
  });
});

describe('isUuid', () => {
  it.each([createId(), '00000000-0000-0000-0000-000000000000', 'A987FBC9-4BED-3078-CF07-9141BA07C9F3'])(
    'isUuid accepts %s',
    (text) => expect(isUuid(text)).toBe(true),
  );

  it.each([
    '',
    'a987fbc94bed3078cf079141ba07c9f3',
    'a987fbc9-4bed-3078-cf07-9141ba07c9f',
    'a987fbc9-4bed-3078-cf07-9141ba07c9g3',
    `${createId()}\n`,
  ])('isUuid rejects %j', (text) => expect(isUuid(text)).toBe(false));
});
