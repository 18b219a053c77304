/**
 * Applies what an organization's directory asserts about its people: who they are, their teams and their role. The
 * caller holds the organization's lock, and has made sure that the directory may assert it.
 */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent, type AuditActor, type AuditEvent } from '../../audit/entries/audit-log.js';
import { authTag } from '../../auth/callers/caller.js';
import type { Role } from '../../auth/callers/permissions.js';
import { Clock } from '../../platform/time/clock.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import { createId, type OrgId, type TeamId, type UserId } from '../../platform/ids.js';
import { toBuiltInRole, isLowered } from '../users/role.policy.js';
import { TeamMemberEntity } from '../teams/team-member.entity.js';
import { toTeamMemberView } from '../teams/team-members.dto.js';
import { loadNamedRole } from '../users/named-role.js';
import { UserEntity } from '../users/user.entity.js';
import { toUserView } from '../users/users.dto.js';

/** The identity provider whose tokens assert it. */
export interface Provisioner {
  organizationId: OrgId;
  identityProviderId: string;
}

/** The change of a user. `role`: null keeps the role; another one also replaces a custom role. */
export interface MembershipChange {
  role: Role | null;
  join: readonly TeamId[];
  leave: readonly TeamId[];
}

@Injectable()
export class ProvisioningService {
  constructor(
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Creates a member without a password. The address counts as confirmed: the directory vouches for it. */
  async createUser(work: Work, provisioner: Provisioner, profile: { email: string; name: string }): Promise<UserId> {
    const now = new Date(this.clock.now());
    const user = work.manager.create(UserEntity, {
      id: createId<UserId>(now.getTime()),
      organizationId: provisioner.organizationId,
      ...profile,
      role: 'member',
      customRoleId: null,
      passwordHash: null,
      isDisabled: false,
      emailVerifiedAt: now,
      invitationDigest: null,
      invitationExpiresAt: null,
      createdAt: now,
      updatedAt: now,
    });
    await work.manager.insert(UserEntity, user);
    await this.#recordEvent(
      work.manager,
      provisioner,
      buildAuditEvent('user', 'create', user.id, { after: toUserView(user) }),
    );
    return user.id as UserId;
  }

  /** Creates and removes memberships in the provisioner's name. Does not remove those that others created. */
  async applyChange(
    work: Work,
    provisioner: Provisioner,
    userId: UserId,
    { role, join, leave }: MembershipChange,
  ): Promise<void> {
    const user = await work.manager.findOneByOrFail(UserEntity, {
      id: userId,
      organizationId: provisioner.organizationId,
    });
    const isRoleLowered =
      role !== null &&
      isLowered(await loadNamedRole(work.manager, provisioner.organizationId, user), toBuiltInRole(role));
    if (role !== null) await this.#changeRole(work, provisioner, user, role);
    for (const teamId of leave) await this.#removeMember(work, provisioner, user, teamId);
    for (const teamId of join) await this.#addMember(work, provisioner, user, teamId);
    work.announce({ tag: authTag.user(userId), effect: isRoleLowered || leave.length > 0 ? 'revoked' : 'changed' });
  }

  /** Ends the memberships that a provider made: all, or those in one team, or those of one user. */
  async withdrawMemberships(
    work: Work,
    providerId: string,
    filter: { teamId?: string; userId?: string } = {},
  ): Promise<void> {
    const removed = await work.manager.query<{ id: string }[]>(
      `WITH gone AS (
         DELETE FROM team_member
          WHERE identity_provider_id = $1 AND team_id = COALESCE($2::uuid, team_id) AND user_id = COALESCE($3::uuid, user_id)
         RETURNING user_id)
       SELECT DISTINCT user_id AS id FROM gone ORDER BY 1`,
      [providerId, filter.teamId ?? null, filter.userId ?? null],
    );
    for (const { id } of removed) work.announce({ tag: authTag.user(id), effect: 'revoked' });
  }

  async #changeRole({ manager }: Work, provisioner: Provisioner, user: UserEntity, role: Role): Promise<void> {
    const before = toUserView(user);
    Object.assign(user, { role, customRoleId: null, updatedAt: new Date(this.clock.now()) });
    await manager.update(UserEntity, { id: user.id }, user);
    await this.#recordEvent(
      manager,
      provisioner,
      buildAuditEvent('user', 'update', user.id, { before, after: toUserView(user) }),
    );
  }

  async #addMember({ manager }: Work, provisioner: Provisioner, user: UserEntity, teamId: TeamId): Promise<void> {
    const { identityProviderId } = provisioner;
    const joinedAt = new Date(this.clock.now());
    const member = manager.create(TeamMemberEntity, {
      teamId,
      userId: user.id,
      role: 'member',
      joinedAt,
      identityProviderId,
    });
    await manager.insert(TeamMemberEntity, member);
    const after = toTeamMemberView(member, user);
    await this.#recordEvent(manager, provisioner, buildAuditEvent('team', 'add_member', teamId, { after }));
  }

  async #removeMember({ manager }: Work, provisioner: Provisioner, user: UserEntity, teamId: TeamId): Promise<void> {
    const { identityProviderId } = provisioner;
    const member = await manager.findOneBy(TeamMemberEntity, { teamId, userId: user.id, identityProviderId });
    if (!member) return;
    await manager.delete(TeamMemberEntity, { teamId, userId: user.id });
    const before = toTeamMemberView(member, user);
    await this.#recordEvent(manager, provisioner, buildAuditEvent('team', 'remove_member', teamId, { before }));
  }

  #recordEvent(manager: EntityManager, provisioner: Provisioner, event: AuditEvent): Promise<void> {
    return this.audit.recordAs(manager, provisioner.organizationId, toAuditActor(provisioner), event);
  }
}

/** The identity provider as the actor in the audit log. */
export const toAuditActor = ({ identityProviderId }: Pick<Provisioner, 'identityProviderId'>): AuditActor => ({
  actorType: 'identity-provider',
  actorId: identityProviderId,
  credentialId: null,
  requestId: null,
  clientAddress: null,
});
