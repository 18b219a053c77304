/** Invitation links: a person sets a first or a new password with one. Shown once; only their digest is stored. */
import { randomBytes } from 'node:crypto';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';

const TOKEN_BYTES = 32;
// Long enough for a holiday week, short enough that a forgotten mail does not remain usable.
const LIFE_MS = 7 * 24 * 60 * 60 * 1000;

export interface Invitation {
  /** Appears in the link only. */
  token: string;
  digest: Buffer;
  expiresAt: Date;
}

export function createInvitation(nowMs: number): Invitation {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, digest: computeTokenDigest(token), expiresAt: new Date(nowMs + LIFE_MS) };
}

export const buildInvitationUrl = (publicUrl: string, { token }: Invitation): string =>
  `${publicUrl}/auth/set-password?token=${token}`;
