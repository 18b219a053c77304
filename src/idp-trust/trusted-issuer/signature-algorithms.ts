/** Signature algorithms that can be verified (RFC 7518 §3.1, RFC 8037, RFC 9864). All are asymmetric; pure. */

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/** Most providers still write `EdDSA` for Ed25519; both mean the same signature. */
const ED25519 = ['EdDSA', 'Ed25519'];

/** By key type and curve. */
const BY_KEY: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA', RSA],
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['OKP Ed25519', ED25519],
]);

export const SIGNATURE_ALGORITHMS: readonly string[] = [...BY_KEY.values()].flat();

/** Accepted algorithms of a provider's tokens, unless its preset or an admin sets others. */
export const DEFAULT_ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256', ...ED25519];

/**
 * Returns the algorithms that a public key of this type can verify, narrowed to `alg` when the key declares one. Empty:
 * none.
 */
export function findAlgorithms(kty: string, crv: string | undefined, alg: string | undefined): readonly string[] {
  const algorithms = BY_KEY.get(crv === undefined ? kty : `${kty} ${crv}`) ?? [];
  if (alg === undefined) return algorithms;
  return algorithms.filter((each) => each === alg || (ED25519.includes(each) && ED25519.includes(alg)));
}
