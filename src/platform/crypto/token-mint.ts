/**
 * Bearer secrets of the gateway: prefix + 43 base64url characters (32 random bytes) + 6 characters of checksum. The
 * checksum allows a typo or a scanner's guess to be refused without any lookup; it proves nothing.
 */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Secret } from './secret.js';

export type TokenPrefix = 'arch_' | 'arch_api_' | 'llm_secret_' | 'llm_at_' | 'llm_ut_' | 'llm_rt_';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;
const BODY = /^[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$/;

/** CRC-32 (IEEE) of `text`, base62, left-padded with `0` to six characters (62^6 > 2^32). */
export function computeChecksum(text: string): string {
  let rest = crc32(text);
  let out = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    out = BASE62[rest % 62]! + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}

/** A new secret with `prefix`. Virtual keys never begin `arch_api_`, which would make them look like admin API keys. */
export function mintToken(prefix: TokenPrefix): Secret {
  for (;;) {
    const body = randomBytes(32).toString('base64url');
    if (prefix === 'arch_' && body.startsWith('api_')) continue;
    return new Secret(prefix + body + computeChecksum(prefix + body));
  }
}

/** Whether `mintToken(prefix)` could have made `token`. */
export function isWellFormed(token: string, prefix: TokenPrefix): boolean {
  return (
    token.length === prefix.length + 49 &&
    token.startsWith(prefix) &&
    BODY.test(token.slice(prefix.length)) &&
    computeChecksum(token.slice(0, -CHECKSUM_LENGTH)) === token.slice(-CHECKSUM_LENGTH)
  );
}
