import { timingSafeEqual } from 'node:crypto';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import type { OAuthClient } from './oauth-client.lookup.js';

/**
 * Returns the id of the live secret that was presented, or null. Pure. Takes the same time whichever secret matches: it
 * compares the digests of all secrets, also after a match. `now` is in Unix milliseconds.
 */
export function findMatchingSecret(
  { secrets }: Pick<OAuthClient, 'secrets'>,
  presented: string,
  now: number,
): string | null {
  const digest = computeTokenDigest(presented);
  let matching: string | null = null;
  for (const secret of secrets) {
    const isLive = secret.notAfter === null || secret.notAfter > now;
    matching = timingSafeEqual(secret.digest, digest) && isLive ? secret.id : matching;
  }
  return matching;
}
