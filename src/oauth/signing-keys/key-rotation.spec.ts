import { sortSigningKeys, isRotationDue, MAX_AGE_MS } from './key-rotation.js';

const NOW = 1_000_000_000_000;
const key = (kid: string, activeFrom: number, notAfter: number | null = null) => ({
  kid,
  activeFrom: new Date(NOW + activeFrom),
  notAfter: notAfter === null ? null : new Date(NOW + notAfter),
});
const sortKids = (...keys: ReturnType<typeof key>[]): string[] => sortSigningKeys(keys, NOW).map(({ kid }) => kid);

describe('signing keys at a moment', () => {
  it('the newest active signing key signs, and past and future keys are published', () => {
    expect(sortKids(key('old', -5000, 4000), key('next', 1000), key('now', -1000))).toEqual(['now', 'old', 'next']);
  });

  it('a signing key becomes active at the instant of its activeFrom', () => {
    expect(sortKids(key('now', -1000, 5000), key('next', 1))[0]).toBe('now');
    expect(sortKids(key('now', -1000, 5000), key('next', 0))[0]).toBe('next');
  });

  it('a signing key is not published from its notAfter on', () => {
    expect(sortKids(key('ended', -5000, 0), key('now', -1000))).toEqual(['now']);
  });

  it('signing key rotation is due when the newest key is old, unless a next key waits', () => {
    expect(isRotationDue([key('now', -MAX_AGE_MS)], NOW)).toBe(true);
    expect(isRotationDue([key('now', 1 - MAX_AGE_MS)], NOW)).toBe(false);
    expect(isRotationDue([key('now', -MAX_AGE_MS), key('next', 1000)], NOW)).toBe(false);
  });
});
