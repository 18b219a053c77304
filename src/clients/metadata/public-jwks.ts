/**
 * The keys with which a client authenticates (`private_key_jwt`, RFC 7523). Pure. Accepts public keys only: a secret or
 * private key that was sent by mistake is refused, so that it is never stored or shown.
 */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { FieldError } from '../../platform/errors/gateway-error.js';

const MAX_KEYS = 20;
/** From NIST SP 800-131A. The maximum bounds the cost of one verification. */
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;

/** RFC 7518 §6.2.2, §6.3.2 and §6.4.1, RFC 8037 §2. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Algorithms by key type or curve. A key without `alg` is used with the first one. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
};

/**
 * The members of a key that are stored. Certificates and URLs of certificates are dropped, because nothing reads them.
 */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'];

const KEY_ID = /^[\x20-\x7e]{1,200}$/;

export interface PublicJwks {
  keys: JsonWebKey[];
}

/** Returns the set as it is stored, or its faults, each with a pointer below `/jwks`. */
export function readPublicJwks(input: object): { jwks: PublicJwks } | { faults: FieldError[] } {
  const { keys, ...otherMembers } = input as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS || Object.keys(otherMembers).length > 0) {
    return { faults: [createFault('', `A key set is {"keys": […]} with 1 to ${MAX_KEYS} keys (RFC 7517).`)] };
  }
  const ids = keys.map((key: unknown) => (isObject(key) ? key.kid : undefined));
  const faults = keys.flatMap((key: unknown, i) => {
    const isDuplicate = ids[i] !== undefined && ids.indexOf(ids[i]) < i;
    const problem = isDuplicate ? 'Another key has this kid.' : findKeyProblem(key);
    return problem === null ? [] : [createFault(`/keys/${i}`, problem)];
  });
  return faults.length > 0 ? { faults } : { jwks: { keys: (keys as JsonWebKey[]).map(pickPublicMembers) } };
}

function findKeyProblem(key: unknown): string | null {
  if (!isObject(key)) return 'This is not a key.';
  if (key.kty === 'oct' || SECRET_MEMBERS.some((member) => member in key))
    return 'This is a secret or private key. It must not leave your application: send its public half, and make a new one.';
  const algorithms = ALGORITHMS[key.kty === 'RSA' ? 'RSA' : String(key.crv)];
  const publicKey = importKey(key);
  if (!algorithms || publicKey === null)
    return 'This is not a public key: RSA, EC on P-256, P-384 or P-521, or OKP on Ed25519 (RFC 7518, RFC 8037).';
  if (key.use !== undefined && key.use !== 'sig') return 'The key must be one for signatures: use "sig".';
  if (key.alg !== undefined && !algorithms.includes(key.alg as string))
    return `The algorithm of this key must be one of ${algorithms.join(', ')}.`;
  if (key.kid !== undefined && !(typeof key.kid === 'string' && KEY_ID.test(key.kid)))
    return 'A kid is a string of 1 to 200 visible ASCII characters.';
  return findRsaProblem(publicKey);
}

function importKey(key: Record<string, unknown>): KeyObject | null {
  try {
    return createPublicKey({ key: key, format: 'jwk' });
  } catch {
    return null;
  }
}

function findRsaProblem({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  if (asymmetricKeyType !== 'rsa') return null;
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_RSA_BITS || modulusLength > MAX_RSA_BITS)
    return `An RSA key has ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits.`;
  // With the exponent 1 a signature is its own message.
  return publicExponent >= 3n && publicExponent % 2n === 1n ? null : 'The public exponent of this RSA key is not safe.';
}

const pickPublicMembers = (key: JsonWebKey): JsonWebKey =>
  Object.fromEntries(PUBLIC_MEMBERS.flatMap((member) => (key[member] === undefined ? [] : [[member, key[member]]])));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const createFault = (pointer: string, detail: string): FieldError => ({ pointer: `/jwks${pointer}`, detail });
