import type { Secret } from '../platform/crypto/secret.js';

const SHORTEST = 8;
/** No name of a region is as long. */
const SHORTEST_MEMBER = 16;
const MASK = '[provider key]';

/** What of a secret can be found in an answer: the whole, or the members of one that is a JSON object (AWS's access keys). */
function partsOf(value: string): string[] {
  if (!value.trimStart().startsWith('{')) return [value];
  try {
    const members = Object.values(JSON.parse(value) as Record<string, unknown>);
    return [
      value,
      ...members.filter((member): member is string => typeof member === 'string' && member.length >= SHORTEST_MEMBER),
    ];
  } catch {
    return [value];
  }
}

/**
 * An error of a provider without the stored key that it may quote ("incorrect API key provided: sk-…"): the caller is
 * not its owner. Everything else stays as it is, and so does the whole body where the key is not in it. A key of less
 * than eight characters is left alone: it would be found in anything.
 */
export function withoutSecret(body: Buffer, secret: Secret | null): Buffer {
  if (secret === null) return body;
  const parts = partsOf(secret.expose()).filter((part) => part.length >= SHORTEST && body.includes(part));
  if (parts.length === 0) return body;
  let text = body.toString('latin1');
  for (const part of parts) text = text.replaceAll(Buffer.from(part).toString('latin1'), MASK);
  return Buffer.from(text, 'latin1');
}
