/** Maps the groups in a provider's token to team memberships and a role. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { GRANTABLE_ROLES } from '../settings/claim-mapping.dto.js';
import type { Role } from '../../auth/callers/permissions.js';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import type { MembershipChange } from '../../orgs/directory-sync/provisioning.service.js';
import { toUserRights, type RightsRow, type UserRights } from '../../orgs/users/rights.js';
import type { TeamId, UserId } from '../../platform/ids.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import type { ValidatedToken } from '../trusted-issuer/validated-token.js';

/** A user who presents a token. `id`: null for a user not yet created. */
export interface TokenUser extends RightsRow {
  id: UserId | null;
  groupsAsOf: Date | null;
}

export interface GroupMapping {
  role: Role;
  rights: UserRights;
  /** In the order of joining. */
  teamIds: TeamId[];
  /** Membership and role changes to write; null: none. */
  change: MembershipChange | null;
}

interface Membership {
  id: TeamId;
  /** Created by this provider. */
  isOwn: boolean;
}

@Injectable()
export class GroupMapper {
  async map(
    manager: EntityManager,
    provider: IdentityProvider,
    { claims, groups }: ValidatedToken,
    user: TokenUser,
  ): Promise<GroupMapping> {
    const { id, role, groupsAsOf } = user;
    const present = id === null ? [] : await findMemberships(manager, provider, id);
    const teamIds = present.map((membership) => membership.id);
    // No conclusions from absent groups, nor from those of a token that is older than the last one applied.
    if (groups === null || (groupsAsOf !== null && Number(claims.iat) * 1000 < groupsAsOf.getTime()))
      return { role, rights: toUserRights(user), teamIds, change: null };
    const granted = findGrantedRole(provider, groups, user);
    const wanted = await findTeams(manager, provider, groups);
    const join = wanted.filter((teamId) => !teamIds.includes(teamId));
    const leave = present.filter((team) => team.isOwn && !wanted.includes(team.id)).map((team) => team.id);
    const isUnchanged = granted === null && join.length === 0 && leave.length === 0;
    return {
      role: granted ?? role,
      rights: toUserRights(granted === null ? user : { role: granted, customRoleId: null, customPermissions: null }),
      teamIds: [...teamIds.filter((teamId) => !leave.includes(teamId)), ...join],
      change: isUnchanged ? null : { role: granted, join, leave },
    };
  }
}

/**
 * Returns the highest role that a group grants; it replaces a custom role too. Null keeps the present role: it is the
 * highest already, or no group grants one. Only owners make and unmake owners.
 */
export function findGrantedRole(
  { groupRoles }: Pick<IdentityProvider, 'groupRoles'>,
  groups: readonly string[],
  present: Pick<RightsRow, 'role' | 'customRoleId'>,
): Role | null {
  if (present.role === 'owner') return null;
  const grantedRoles = new Set(groupRoles.filter(({ group }) => groups.includes(group)).map(({ role }) => role));
  const highest = GRANTABLE_ROLES.find((role) => grantedRoles.has(role)) ?? null;
  return highest === present.role && present.customRoleId === null ? null : highest;
}

async function findMemberships(
  manager: EntityManager,
  provider: IdentityProvider,
  userId: UserId,
): Promise<Membership[]> {
  return manager.query<Membership[]>(
    `SELECT team_id AS id, identity_provider_id IS NOT DISTINCT FROM $1::uuid AS "isOwn"
       FROM team_member WHERE user_id = $2 ORDER BY joined_at, team_id`,
    [provider.id, userId],
  );
}

async function findTeams(
  manager: EntityManager,
  provider: IdentityProvider,
  groups: readonly string[],
): Promise<TeamId[]> {
  const printableGroups = groups.filter((group) => PRINTABLE.test(group));
  if (printableGroups.length === 0) return [];
  const rows = await manager.query<{ id: TeamId }[]>(
    `SELECT DISTINCT t.id FROM team_external_group g JOIN team t ON t.id = g.team_id
      WHERE g.identity_provider_id = $1 AND t.organization_id = $2 AND g.group_name = ANY ($3::text[]) ORDER BY t.id`,
    [provider.id, provider.organizationId, printableGroups],
  );
  return rows.map(({ id }) => id);
}
