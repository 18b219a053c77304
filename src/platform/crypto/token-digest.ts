import { hash } from 'node:crypto';
import type { Secret } from './secret.js';

/**
 * SHA-256 of a bearer secret: what is stored and what caches are keyed by. A plain fast digest is right for values of
 * 256 random bits; it is taken over the whole credential, never over a prefix of it.
 */
export const tokenDigest = (token: string): Buffer => hash('sha256', token, 'buffer');

/** The same digest as base64 text, for in-process maps. */
export const tokenDigestKey = (token: string): string => hash('sha256', token, 'base64');

/** The same of a secret in memory, to tell one from another that takes its place. */
export const secretDigestKey = (secret: Secret): string => tokenDigestKey(secret.expose());
