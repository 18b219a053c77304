/**
 * Encodes payloads for storage. A stored payload must be useless to anyone who reads it. If the library's payload holds
 * the token itself (`jti`), it is removed, and restored from the value that the holder presents. If it holds another
 * secret, or is found by a second key, the whole payload is sealed.
 */
import type { AdapterPayload } from 'oidc-provider';
import { Secret } from '../../../platform/crypto/secret.js';
import type { SealedBox, SealContext } from '../../../platform/crypto/sealed-box.js';

/**
 * Session and DeviceCode are found by a second key, so `jti` must be stored; Interaction holds the session's cookie;
 * knowledge of its URI is enough to use a pushed request.
 */
const SEALED: ReadonlySet<string> = new Set(['Session', 'DeviceCode', 'Interaction', 'PushedAuthorizationRequest']);

export interface StoredPayload {
  payload: object | null;
  sealedPayload: string | null;
}

export function writePayload(box: SealedBox, model: string, digest: Buffer, payload: AdapterPayload): StoredPayload {
  if (SEALED.has(model)) {
    const sealedPayload = box.seal(new Secret(JSON.stringify(payload)), createArtifactSealContext(digest));
    return { payload: null, sealedPayload };
  }
  const { jti: _, ...rest } = payload;
  return { payload: rest, sealedPayload: null };
}

/** Returns undefined if a sealed payload can no longer be opened, because its encryption key was removed. */
export function readPayload(
  box: SealedBox,
  digest: Buffer,
  stored: StoredPayload,
  identifier: string | null,
): AdapterPayload | undefined {
  if (stored.sealedPayload === null) return { ...stored.payload, ...(identifier === null ? {} : { jti: identifier }) };
  try {
    return JSON.parse(box.open(stored.sealedPayload, createArtifactSealContext(digest)).expose()) as AdapterPayload;
  } catch {
    return undefined;
  }
}

export const createArtifactSealContext = (idDigest: Buffer): SealContext => ({
  table: 'oauth_artifact',
  column: 'sealed_payload',
  id: idDigest.toString('hex'),
});
