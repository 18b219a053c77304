import type { Secret } from '../../platform/crypto/secret.js';

const MIN_SECRET_CHARS = 8;
/** Exceeds the length of every region name. */
const MIN_MEMBER_CHARS = 16;
const MASK = '[provider key]';

/**
 * Returns the strings of a secret that a response can contain: the whole secret, and the members of one that is a JSON
 * object (AWS's access keys).
 */
function listSecretParts(value: string): string[] {
  if (!value.trimStart().startsWith('{')) return [value];
  try {
    const members = Object.values(JSON.parse(value) as Record<string, unknown>);
    return [
      value,
      ...members.filter((member): member is string => typeof member === 'string' && member.length >= MIN_MEMBER_CHARS),
    ];
  } catch {
    return [value];
  }
}

/**
 * Masks the stored key in an error of a provider that quotes it ("incorrect API key provided: sk-…"), because the
 * caller does not own the key. Everything else is left unchanged, as is a body that does not contain the key. Keys of
 * less than eight characters are not masked: they would match unrelated text.
 */
export function maskSecret(body: Buffer, secret: Secret | null): Buffer {
  if (secret === null) return body;
  const parts = listSecretParts(secret.expose()).filter(
    (part) => part.length >= MIN_SECRET_CHARS && body.includes(part),
  );
  if (parts.length === 0) return body;
  let text = body.toString('latin1');
  for (const part of parts) text = text.replaceAll(Buffer.from(part).toString('latin1'), MASK);
  return Buffer.from(text, 'latin1');
}
