/**
 * The keys that ID tokens are signed with, as they stand at a moment. Pure. A rotation is decided once, by the instants in
 * the rows; every process reads off them which key signs now and which are published.
 */
import type { SigningKeyEntity } from './signing-key.entity.js';

/** RS256 is what every client understands (OpenID Connect Core §15.1); ES256 is for those that ask for it. */
export const SIGNING_ALGORITHMS = ['RS256', 'ES256'] as const;

/** A new key is published this long before it signs, so that key sets that clients have cached know it by then. */
export const LEAD_MS = 3_600_000;
/** A key that does not sign any more is published this long: longer than any ID token and any cached key set. */
export const TRAIL_MS = 86_400_000;
/** Rotated on schedule after a quarter of a year. */
export const MAX_AGE_MS = 90 * 86_400_000;

type KeyTimes = Pick<SigningKeyEntity, 'kid' | 'activeFrom' | 'notAfter'>;

/** Those that are published at `now`: first what signs, then what is to sign, then what has signed. */
export function inOrder<K extends KeyTimes>(keys: readonly K[], now: number): K[] {
  const live = keys.filter(({ notAfter }) => notAfter === null || notAfter.getTime() > now);
  const active = live.filter(({ activeFrom }) => activeFrom.getTime() <= now);
  const upcoming = live.filter((key) => !active.includes(key));
  const newestFirst = (a: K, b: K): number =>
    b.activeFrom.getTime() - a.activeFrom.getTime() || a.kid.localeCompare(b.kid);
  return [...active.sort(newestFirst), ...upcoming.sort(newestFirst)];
}

/** Whether the newest key has signed for so long that the next one is due. */
export function isRotationDue(keys: readonly KeyTimes[], now: number): boolean {
  const newest = Math.max(...keys.map(({ activeFrom }) => activeFrom.getTime()));
  return newest <= now - MAX_AGE_MS;
}
