/**
 * The state of the ID-token signing keys at an instant. Pure. A rotation is decided once, by the instants in the rows.
 * Every process derives from them which key signs now and which are published.
 */
import type { SigningKeyEntity } from './signing-key.entity.js';

/** Every client supports RS256 (OpenID Connect Core §15.1); ES256 is for clients that request it. */
export const SIGNING_ALGORITHMS = ['RS256', 'ES256'] as const;

/** A new key is published this long before it signs, so that clients' cached key sets contain it by then. */
export const LEAD_MS = 3_600_000;
/** A retired key is published this long: longer than any ID token and any cached key set. */
export const TRAIL_MS = 86_400_000;
/** Age at which keys are rotated on schedule: a quarter of a year. */
export const MAX_AGE_MS = 90 * 86_400_000;

type KeyTimes = Pick<SigningKeyEntity, 'kid' | 'activeFrom' | 'notAfter'>;

/** Returns the keys published at `now`: first the keys that sign, then the retired ones, then the upcoming ones. */
export function sortSigningKeys<K extends KeyTimes>(keys: readonly K[], now: number): K[] {
  const live = keys.filter(({ notAfter }) => notAfter === null || notAfter.getTime() > now);
  const active = live.filter(({ activeFrom }) => activeFrom.getTime() <= now);
  const upcoming = live.filter((key) => !active.includes(key));
  const compareNewestFirst = (a: K, b: K): number =>
    b.activeFrom.getTime() - a.activeFrom.getTime() || a.kid.localeCompare(b.kid);
  return [...active.sort(compareNewestFirst), ...upcoming.sort(compareNewestFirst)];
}

/** Whether the newest key has signed for so long that the next one is due. */
export function isRotationDue(keys: readonly KeyTimes[], now: number): boolean {
  const newest = Math.max(...keys.map(({ activeFrom }) => activeFrom.getTime()));
  return newest <= now - MAX_AGE_MS;
}
