/** Invitation links: how a person sets a password for the first time, or anew. Shown once; only their digest is kept. */
import { randomBytes } from 'node:crypto';
import { tokenDigest } from '../platform/crypto/token-digest.js';

const TOKEN_BYTES = 32;
// Long enough for a holiday week, short enough that a forgotten mail does not stay a way in.
const LIFE_MS = 7 * 24 * 60 * 60 * 1000;

export interface Invitation {
  /** For the link alone. */
  token: string;
  digest: Buffer;
  expiresAt: Date;
}

export function newInvitation(nowMs: number): Invitation {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, digest: tokenDigest(token), expiresAt: new Date(nowMs + LIFE_MS) };
}

export const invitationUrl = (publicUrl: string, { token }: Invitation): string =>
  `${publicUrl}/auth/set-password?token=${token}`;
