import type { Secret } from '../platform/crypto/secret.js';

const SHORTEST = 8;
const MASK = '[provider key]';

/**
 * An error of a provider without the stored key that it may quote ("incorrect API key provided: sk-…"): the caller is
 * not its owner. Everything else stays as it is, and so does the whole body where the key is not in it. A key of less
 * than eight characters is left alone: it would be found in anything.
 */
export function withoutSecret(body: Buffer, secret: Secret | null): Buffer {
  const value = secret?.expose() ?? '';
  if (value.length < SHORTEST || !body.includes(value)) return body;
  return Buffer.from(body.toString('latin1').replaceAll(Buffer.from(value).toString('latin1'), MASK), 'latin1');
}
