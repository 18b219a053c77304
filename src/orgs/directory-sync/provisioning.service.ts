/**
 * Applies what an organization's directory asserts about its people: who they are, their teams and their role. The
 * caller holds the organization's lock, and has made sure that the directory may assert it.
 */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog, type AuditActor } from '../../audit/entries/audit-log.js';
import { authTag } from '../../auth/callers/caller.js';
import type { Role } from '../../auth/callers/permissions.js';
import { Clock } from '../../platform/time/clock.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import { newId, type OrgId, type TeamId, type UserId } from '../../platform/ids.js';
import { builtIn, isLowered } from '../users/role.policy.js';
import { TeamMemberEntity } from '../teams/team-member.entity.js';
import { toTeamMemberView } from '../teams/team-members.dto.js';
import { namedRole } from '../users/named-role.js';
import { UserEntity } from '../users/user.entity.js';
import { toUserView } from '../users/users.dto.js';

/** The identity provider whose tokens assert it. */
export interface Provisioner {
  organisationId: OrgId;
  identityProviderId: string;
}

/** The change of a user. `role`: null keeps the role; another one also replaces a custom role. */
export interface Standing {
  role: Role | null;
  join: readonly TeamId[];
  leave: readonly TeamId[];
}

@Injectable()
export class Provisioning {
  constructor(
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Creates a member without a password. The address counts as confirmed: the directory vouches for it. */
  async createUser(work: Work, by: Provisioner, given: { email: string; name: string }): Promise<UserId> {
    const now = new Date(this.clock.now());
    const user = work.manager.create(UserEntity, {
      id: newId<UserId>(now.getTime()),
      organisationId: by.organisationId,
      ...given,
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
    await this.#note(
      work.manager,
      by,
      { action: 'user.create', targetType: 'user', targetId: user.id },
      null,
      toUserView(user),
    );
    return user.id as UserId;
  }

  /** Creates and removes memberships in the provisioner's name. Does not remove those that others created. */
  async apply(work: Work, by: Provisioner, userId: UserId, { role, join, leave }: Standing): Promise<void> {
    const user = await work.manager.findOneByOrFail(UserEntity, { id: userId, organisationId: by.organisationId });
    const lowered = role !== null && isLowered(await namedRole(work.manager, by.organisationId, user), builtIn(role));
    if (role !== null) await this.#changeRole(work, by, user, role);
    for (const teamId of leave) await this.#leave(work, by, user, teamId);
    for (const teamId of join) await this.#join(work, by, user, teamId);
    work.announce({ tag: authTag.user(userId), effect: lowered || leave.length > 0 ? 'revoked' : 'changed' });
  }

  /** Ends the memberships that a provider made: all, or those in one team, or those of one user. */
  async withdraw(work: Work, providerId: string, of: { teamId?: string; userId?: string } = {}): Promise<void> {
    const gone = await work.manager.query<{ id: string }[]>(
      `WITH gone AS (
         DELETE FROM team_member
          WHERE identity_provider_id = $1 AND team_id = COALESCE($2::uuid, team_id) AND user_id = COALESCE($3::uuid, user_id)
         RETURNING user_id)
       SELECT DISTINCT user_id AS id FROM gone ORDER BY 1`,
      [providerId, of.teamId ?? null, of.userId ?? null],
    );
    for (const { id } of gone) work.announce({ tag: authTag.user(id), effect: 'revoked' });
  }

  async #changeRole({ manager }: Work, by: Provisioner, user: UserEntity, role: Role): Promise<void> {
    const before = toUserView(user);
    Object.assign(user, { role, customRoleId: null, updatedAt: new Date(this.clock.now()) });
    await manager.update(UserEntity, { id: user.id }, user);
    await this.#note(
      manager,
      by,
      { action: 'user.update', targetType: 'user', targetId: user.id },
      before,
      toUserView(user),
    );
  }

  async #join({ manager }: Work, by: Provisioner, user: UserEntity, teamId: TeamId): Promise<void> {
    const { identityProviderId } = by;
    const joinedAt = new Date(this.clock.now());
    const member = manager.create(TeamMemberEntity, {
      teamId,
      userId: user.id,
      role: 'member',
      joinedAt,
      identityProviderId,
    });
    await manager.insert(TeamMemberEntity, member);
    await this.#note(manager, by, teamFact('add_member', teamId), null, toTeamMemberView(member, user));
  }

  async #leave({ manager }: Work, by: Provisioner, user: UserEntity, teamId: TeamId): Promise<void> {
    const { identityProviderId } = by;
    const member = await manager.findOneBy(TeamMemberEntity, { teamId, userId: user.id, identityProviderId });
    if (!member) return;
    await manager.delete(TeamMemberEntity, { teamId, userId: user.id });
    await this.#note(manager, by, teamFact('remove_member', teamId), toTeamMemberView(member, user), null);
  }

  #note(
    manager: EntityManager,
    by: Provisioner,
    fact: Fact,
    before: object | null,
    after: object | null,
  ): Promise<void> {
    return this.audit.recordAs(manager, by.organisationId, asActor(by), { ...fact, before, after });
  }
}

type Fact = { action: string; targetType: string; targetId: string };

/** The identity provider as the actor in the audit log. */
export const asActor = ({ identityProviderId }: Pick<Provisioner, 'identityProviderId'>): AuditActor => ({
  actorType: 'identity-provider',
  actorId: identityProviderId,
  credentialId: null,
  requestId: null,
  clientAddress: null,
});

const teamFact = (verb: string, teamId: string): Fact => ({
  action: `team.${verb}`,
  targetType: 'team',
  targetId: teamId,
});
