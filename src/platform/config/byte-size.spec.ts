import { formatByteSize } from './byte-size.js';

describe('formatByteSize', () => {
  it.each([
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1 KiB'],
    [20_000, '19.5 KiB'],
    [64 * 1024 ** 2, '64 MiB'],
    [1024 ** 3, '1 GiB'],
    [5 * 1024 ** 4, '5120 GiB'],
  ])('formatByteSize writes %i bytes as %s', (bytes, text) => expect(formatByteSize(bytes)).toBe(text));
});
