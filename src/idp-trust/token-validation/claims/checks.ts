/** Checks of a token's claims once its signature is verified, in the order in which they run. Pure. */
import type { IdentityProvider } from '../../trusted-issuer/identity-provider.js';
import { checkAudience, checkKind, checkParty, isIdToken } from './audience.js';
import { quote, type JsonObject } from '../../trusted-issuer/token-json.js';
import { checkSubject, readPerson } from './person.js';
import { TokenRefusal } from '../../trusted-issuer/token-refusal.js';
import { checkTimes, readExpiry } from './times.js';
import type { ValidatedToken } from '../../trusted-issuer/validated-token.js';

export interface ClaimCheck {
  readonly name: string;
  /**
   * Returns the finding, worded for an admin.
   * @throws TokenRefusal
   */
  readonly check: (claims: JsonObject, provider: IdentityProvider, nowMs: number) => string;
}

export const CLAIM_CHECKS: readonly ClaimCheck[] = [
  { name: 'issuer', check: checkIssuer },
  { name: 'audience', check: checkAudience },
  { name: 'times', check: checkTimes },
  { name: 'type', check: checkKind },
  { name: 'party', check: checkParty },
  { name: 'proof', check: checkProof },
  { name: 'claims', check: checkRequired },
  { name: 'subject', check: checkSubject },
];

/** Compares byte for byte: one slash or capital more makes another issuer. */
export function checkIssuer({ iss }: JsonObject, { issuer }: Pick<IdentityProvider, 'issuer'>): string {
  if (iss === issuer) return `iss ${quote(iss)}`;
  throw new TokenRefusal('jwt_issuer_unknown', `iss is ${quote(iss)}; ${quote(issuer)} is expected.`);
}

/**
 * A token bound to a key (RFC 7800: DPoP, mutual TLS) is worthless without the proof, which Gatehouse does not request.
 */
function checkProof({ cnf }: JsonObject): string {
  if (cnf === undefined) return 'a bearer token';
  throw new TokenRefusal('jwt_proof_required', 'It is bound to a key (cnf). Have the provider issue bearer tokens.');
}

function checkRequired(claims: JsonObject, { requiredClaims }: Pick<IdentityProvider, 'requiredClaims'>): string {
  for (const [name, expected] of Object.entries(requiredClaims)) {
    const actual = Object.hasOwn(claims, name) ? claims[name] : undefined;
    const isMet = Array.isArray(actual) ? actual.includes(expected) : actual === expected;
    if (!isMet)
      throw new TokenRefusal('jwt_claim_required', `${name} is ${quote(actual)}; ${quote(expected)} is required.`);
  }
  return Object.keys(requiredClaims).join(', ') || 'none required';
}

/** Reads claims that have passed all checks. */
export function readClaims(claims: JsonObject, provider: IdentityProvider, keyId: string): ValidatedToken {
  return {
    claims,
    ...readPerson(claims, provider),
    isIdToken: isIdToken(claims, provider),
    expiresAt: readExpiry(claims, provider),
    keyId,
  };
}
