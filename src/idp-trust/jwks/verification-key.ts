/**
 * One public key of a provider's key set (RFC 7517), parsed strictly: only keys that can verify tokens are accepted.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { findAlgorithms } from '../trusted-issuer/signature-algorithms.js';
import { isObject } from '../trusted-issuer/token-json.js';

const MIN_RSA_BITS = 2048;
const MAX_KID_CHARACTERS = 256;

/** The public members that are stored of a key. */
export interface PublicJwk {
  readonly kty: string;
  readonly [name: string]: string | readonly string[];
}

export interface VerificationKey {
  /** Its `kid`, or its thumbprint (RFC 7638) when it has none. */
  readonly id: string;
  readonly kid: string | null;
  readonly thumbprint: string;
  readonly algorithms: readonly string[];
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
}

/** Members of a public key, by type. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
};

/** Returns null for a key with another use (encryption), of an unsupported kind, too weak, secret, or broken. */
export async function toVerificationKey(candidate: unknown): Promise<VerificationKey | null> {
  const jwk = toPublicJwk(candidate);
  if (jwk === null) return null;
  const { kty, kid, alg, crv } = jwk as Readonly<Record<string, string>>;
  const algorithms = findAlgorithms(kty!, crv, alg);
  if (algorithms.length === 0) return null;
  try {
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    if (kty === 'RSA' && isWeak(publicKey)) return null;
    const thumbprint = await calculateJwkThumbprint(jwk);
    return { id: kid ?? thumbprint, kid: kid ?? null, thumbprint, algorithms, publicKey, jwk };
  } catch {
    return null;
  }
}

function toPublicJwk(candidate: unknown): PublicJwk | null {
  if (!isObject(candidate)) return null;
  const { kty, use, key_ops: operations, kid, alg, d, k } = candidate;
  const parts = typeof kty === 'string' && Object.hasOwn(PARTS, kty) ? PARTS[kty]! : null;
  // A provider that publishes the private half too has disclosed the key.
  if (parts === null || d !== undefined || k !== undefined) return null;
  if (use !== undefined && use !== 'sig') return null;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return null;
  if (kid !== undefined && !isKeyId(kid)) return null;
  if (alg !== undefined && typeof alg !== 'string') return null;
  const jwk: Record<string, string> = { kty: kty as string };
  for (const part of parts) {
    const value = candidate[part];
    if (typeof value !== 'string' || !/^[A-Za-z0-9_-]+$/.test(value)) return null;
    jwk[part] = value;
  }
  if (parts.includes('crv')) jwk.crv = candidate.crv as string;
  return {
    ...jwk,
    ...(kid === undefined ? {} : { kid: kid as string }),
    ...(alg === undefined ? {} : { alg }),
  } as PublicJwk;
}

/** Databases do not accept NUL. */
const isKeyId = (kid: unknown): boolean =>
  typeof kid === 'string' && kid !== '' && kid.length <= MAX_KID_CHARACTERS && !kid.includes('\0');

/** With the exponent 1 a signature is the message itself. */
function isWeak({ asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
  return modulusLength < MIN_RSA_BITS || publicExponent < 3n;
}
