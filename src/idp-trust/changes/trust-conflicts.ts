import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { conflict } from '../../admin-api/refusals.js';
import { IdentityProviderEntity } from '../settings/identity-provider.entity.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';

// Arbitrary but fixed, and distinct from other locks. The second half of the lock is the issuer's hash.
const ISSUER_LOCK = 4_739_203;

/** A token belongs to one organization: no two trusts in force may both accept it. */
@Injectable()
export class TrustConflicts {
  /** Throws `conflict`. Until the transaction ends, no other transaction can save a trust of this issuer. */
  async check(manager: EntityManager, row: IdentityProviderEntity): Promise<void> {
    if (row.isDisabled) return;
    await manager.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [ISSUER_LOCK, row.issuer]);
    const others = await manager.query<TrustBounds[]>(
      `SELECT audiences, extra_audiences AS "extraAudiences", required_claims AS "requiredClaims"
         FROM identity_provider WHERE issuer = $1 AND id <> $2 AND organization_id <> $3 AND NOT is_disabled`,
      [row.issuer, row.id, row.organizationId],
    );
    if (!others.some((other) => couldBothMatch(row, other))) return;
    throw conflict(
      'Another organization of this deployment trusts the same issuer, and a token could be for both. Use audiences that ' +
        'only you use, or require your tenant (requiredClaims: hd at Google, tid at Entra).',
      '/audiences',
    );
  }
}

export type TrustBounds = Pick<IdentityProvider, 'audiences' | 'extraAudiences' | 'requiredClaims'>;

/** Claims in which shared issuers name the tenant: Google's hosted domain, Entra's tenant. One string, never a list. */
const TENANT_CLAIMS = ['hd', 'tid'] as const;

/**
 * Whether two trusts of one issuer could both accept the same token, which would then belong to two organizations.
 */
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
  const listAccepted = ({ audiences, extraAudiences }: TrustBounds): string[] => [...audiences, ...extraAudiences];
  const common = new Set(listAccepted(one).filter((audience) => listAccepted(other).includes(audience)));
  return [one, other].every(({ audiences }) => audiences.some((audience) => common.has(audience)));
}
