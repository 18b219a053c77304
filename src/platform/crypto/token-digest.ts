import { hash } from 'node:crypto';
import type { Secret } from './secret.js';

/**
 * SHA-256 of a bearer secret, for storage and for cache keys. A plain fast digest is sufficient for values of 256
 * random bits. It covers the whole credential, never a prefix of it.
 */
export const computeTokenDigest = (token: string): Buffer => hash('sha256', token, 'buffer');

/** The same digest as base64 text, for in-process maps. */
export const computeTokenDigestKey = (token: string): string => hash('sha256', token, 'base64');

/** The same digest of a secret in memory, to distinguish it from a secret that replaces it. */
export const computeSecretDigestKey = (secret: Secret): string => computeTokenDigestKey(secret.expose());
