/**
 * How a payload is written down. Nothing that is stored may be of use to whoever reads it: where the library's payload
 * holds the token itself (`jti`), that is taken out and put back from what the holder shows; where it holds another
 * secret, or is found by a second key, the whole payload is sealed.
 */
import type { AdapterPayload } from 'oidc-provider';
import { Secret } from '../../platform/crypto/secret.js';
import type { SealedBox, SealedPlace } from '../../platform/crypto/sealed-box.js';

/**
 * Session and DeviceCode are found by a second key, so `jti` must be read back; Interaction holds the session's cookie;
 * a pushed request is opened by whoever knows its address.
 */
const SEALED: ReadonlySet<string> = new Set(['Session', 'DeviceCode', 'Interaction', 'PushedAuthorizationRequest']);

export interface WrittenPayload {
  payload: object | null;
  sealedPayload: string | null;
}

export function writePayload(box: SealedBox, model: string, digest: Buffer, payload: AdapterPayload): WrittenPayload {
  if (SEALED.has(model)) {
    const sealedPayload = box.seal(new Secret(JSON.stringify(payload)), artifactPlace(digest));
    return { payload: null, sealedPayload };
  }
  const { jti: _, ...rest } = payload;
  return { payload: rest, sealedPayload: null };
}

/** Undefined where a sealed payload cannot be opened any more: its encryption key was given up. */
export function readPayload(
  box: SealedBox,
  digest: Buffer,
  written: WrittenPayload,
  shown: string | null,
): AdapterPayload | undefined {
  if (written.sealedPayload === null) return { ...written.payload, ...(shown === null ? {} : { jti: shown }) };
  try {
    return JSON.parse(box.open(written.sealedPayload, artifactPlace(digest)).expose()) as AdapterPayload;
  } catch {
    return undefined;
  }
}

export const artifactPlace = (idDigest: Buffer): SealedPlace => ({
  table: 'oauth_artifact',
  column: 'sealed_payload',
  id: idDigest.toString('hex'),
});
