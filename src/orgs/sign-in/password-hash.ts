/** Hashes passwords with Argon2id and OWASP's parameters for it (19 MiB, 2 passes, 1 lane). */
import { hash, verify, type Algorithm } from '@node-rs/argon2';
import type { Secret } from '../../platform/crypto/secret.js';

// The library declares its enum so that only its types can be imported here; 2 is Argon2id (RFC 9106 §3.1).
const ARGON2ID = 2 as Algorithm.Argon2id;
const OPTIONS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Minimum of passwords that people choose here, in characters. Attempts are limited too, so length is not the only
 * protection.
 */
export const MIN_PASSWORD_LENGTH = 12;

export const isLongEnough = (password: Secret): boolean => password.expose().length >= MIN_PASSWORD_LENGTH;

/** Returns a PHC string, with its salt and parameters. */
export const hashPassword = (password: Secret): Promise<string> => hash(password.expose(), OPTIONS);

export const verifyPassword = (passwordHash: string, password: Secret): Promise<boolean> =>
  verify(passwordHash, password.expose());
