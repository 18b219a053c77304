/**
 * Whether two trusts of one issuer could both accept the same token, which would then belong to two organizations.
 * Pure.
 */
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';

export type TrustBounds = Pick<IdentityProvider, 'audiences' | 'extraAudiences' | 'requiredClaims'>;

/** Claims in which shared issuers name the tenant: Google's hosted domain, Entra's tenant. One string, never a list. */
const TENANT_CLAIMS = ['hd', 'tid'] as const;

export function couldBothMatch(one: TrustBounds, other: TrustBounds): boolean {
  return !TENANT_CLAIMS.some((claim) => differs(one, other, claim)) && shareAudience(one, other);
}

/** Strings only: for a list, a trust only requires that it contains the value. */
function differs(one: TrustBounds, other: TrustBounds, claim: string): boolean {
  const [a, b] = [one, other].map(({ requiredClaims }) => requiredClaims[claim]);
  return typeof a === 'string' && typeof b === 'string' && a !== b;
}

/** A token may hold what both accept; for both to accept it, it must hold one audience of each. */
function shareAudience(one: TrustBounds, other: TrustBounds): boolean {
  const accepted = ({ audiences, extraAudiences }: TrustBounds): string[] => [...audiences, ...extraAudiences];
  const common = new Set(accepted(one).filter((audience) => accepted(other).includes(audience)));
  return [one, other].every(({ audiences }) => audiences.some((audience) => common.has(audience)));
}
