/** Whether two trusts of one issuer could both believe one token, so that it would be two organisations' at once. Pure. */
import type { IdentityProvider } from './identity-provider.js';

export type TrustBounds = Pick<IdentityProvider, 'audiences' | 'extraAudiences' | 'requiredClaims'>;

/** What issuers that serve many say of whose a token is: Google's hosted domain, Entra's tenant. One text, never a list. */
const TENANT_CLAIMS = ['hd', 'tid'] as const;

export function couldBothMatch(one: TrustBounds, other: TrustBounds): boolean {
  return !TENANT_CLAIMS.some((claim) => differs(one, other, claim)) && shareAudience(one, other);
}

/** Texts alone: of a list a trust asks only that its value is in it. */
function differs(one: TrustBounds, other: TrustBounds, claim: string): boolean {
  const [a, b] = [one, other].map(({ requiredClaims }) => requiredClaims[claim]);
  return typeof a === 'string' && typeof b === 'string' && a !== b;
}

/** A token may hold what both accept; for both to believe it, it must hold one audience of each. */
function shareAudience(one: TrustBounds, other: TrustBounds): boolean {
  const accepted = ({ audiences, extraAudiences }: TrustBounds): string[] => [...audiences, ...extraAudiences];
  const common = new Set(accepted(one).filter((audience) => accepted(other).includes(audience)));
  return [one, other].every(({ audiences }) => audiences.some((audience) => common.has(audience)));
}
