import { sortSigningKeys, isRotationDue, MAX_AGE_MS } from './key-rotation.js';

const NOW = 1_000_000_000_000;
const key = (kid: string, activeFrom: number, notAfter: number | null = null) => ({
  kid,
  activeFrom: new Date(NOW + activeFrom),
  notAfter: notAfter === null ? null : new Date(NOW + notAfter),
});
const order = (...keys: ReturnType<typeof key>[]): string[] => sortSigningKeys(keys, NOW).map(({ kid }) => kid);

describe('the keys at a moment', () => {
  it('sign with the newest that is active, and publish what is to come and what has been', () => {
    expect(order(key('old', -5000, 4000), key('next', 1000), key('now', -1000))).toEqual(['now', 'old', 'next']);
  });

  it('change hands at the instant that was set', () => {
    expect(order(key('now', -1000, 5000), key('next', 1))[0]).toBe('now');
    expect(order(key('now', -1000, 5000), key('next', 0))[0]).toBe('next');
  });

  it('are not published from their end on', () => {
    expect(order(key('ended', -5000, 0), key('now', -1000))).toEqual(['now']);
  });

  it('are due for rotation when the newest is old, and not again while the next one waits', () => {
    expect(isRotationDue([key('now', -MAX_AGE_MS)], NOW)).toBe(true);
    expect(isRotationDue([key('now', 1 - MAX_AGE_MS)], NOW)).toBe(false);
    expect(isRotationDue([key('now', -MAX_AGE_MS), key('next', 1000)], NOW)).toBe(false);
  });
});
