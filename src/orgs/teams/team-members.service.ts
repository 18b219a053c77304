import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag, getUserId } from '../../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { TeamId, UserId } from '../../platform/ids.js';
import { lockOrganization } from '../organization/lock.js';
import { denied, unknownReference } from '../../admin-api/refusals.js';
import { TeamMemberEntity } from './team-member.entity.js';
import {
  toTeamMemberView,
  type CreateTeamMemberBody,
  type TeamMemberView,
  type TeamRole,
  type UpdateTeamMemberBody,
} from './team-members.dto.js';
import { loadTeam } from './teams.reader.js';
import { rejectDuplicates } from '../organization/unique-fields.js';
import { UserEntity } from '../users/user.entity.js';

/** The members of a team. A change takes effect immediately, for every credential of the user. */
@Injectable()
export class TeamMembersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Throws `validation_failed` for a user who is not in the organization, `conflict` for one who is in the team. */
  add(actor: Actor, teamId: TeamId, body: CreateTeamMemberBody): Promise<TeamMemberView> {
    const { organizationId } = actor.caller;
    const write = this.#change(actor, teamId, async (work) => {
      const user = await work.manager.findOneBy(UserEntity, { id: body.userId, organizationId });
      if (!user) throw unknownReference('user', ['/userId']);
      return this.join(work, actor, teamId, user, body.role ?? 'member');
    });
    return rejectDuplicates(write);
  }

  /** Runs in a transaction of the caller, who has made sure that all are of one organization and may be joined. */
  async join(work: Work, actor: Actor, teamId: TeamId, user: UserEntity, role: TeamRole): Promise<TeamMemberView> {
    const member = work.manager.create(TeamMemberEntity, {
      teamId,
      userId: user.id,
      role,
      joinedAt: new Date(this.clock.now()),
      identityProviderId: null,
    });
    await work.manager.insert(TeamMemberEntity, member);
    work.announce({ tag: authTag.user(user.id), effect: 'changed' });
    const after = toTeamMemberView(member, user);
    await this.audit.record(work.manager, actor, buildAuditEvent('team', 'add_member', teamId, { after }));
    return after;
  }

  update(actor: Actor, teamId: TeamId, userId: UserId, body: UpdateTeamMemberBody): Promise<TeamMemberView> {
    return this.#change(actor, teamId, async (work) => {
      const { member, user } = await findMember(work.manager, teamId, userId);
      const before = toTeamMemberView(member, user);
      const role = body.role ?? member.role;
      work.announce({
        tag: authTag.user(userId),
        effect: role === 'member' && member.role === 'admin' ? 'revoked' : 'changed',
      });
      member.role = role;
      await work.manager.update(TeamMemberEntity, { teamId, userId }, { role });
      const after = toTeamMemberView(member, user);
      await this.audit.record(work.manager, actor, buildAuditEvent('team', 'change_member', teamId, { before, after }));
      return after;
    });
  }

  remove(actor: Actor, teamId: TeamId, userId: UserId): Promise<void> {
    return this.#change(actor, teamId, (work) => this.leave(work, actor, teamId, userId));
  }

  /** `remove`, in a transaction of the caller. */
  async leave(work: Work, actor: Actor, teamId: TeamId, userId: UserId): Promise<void> {
    const { member, user } = await findMember(work.manager, teamId, userId);
    await work.manager.delete(TeamMemberEntity, { teamId, userId });
    work.announce({ tag: authTag.user(userId), effect: 'revoked' });
    const before = toTeamMemberView(member, user);
    await this.audit.record(work.manager, actor, buildAuditEvent('team', 'remove_member', teamId, { before }));
  }

  /** Users with `team:write` may change all teams, a team admin only their own. */
  #change<T>(actor: Actor, teamId: TeamId, job: (work: Work) => Promise<T>): Promise<T> {
    const { caller } = actor;
    return this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, caller.organizationId);
      await loadTeam(work.manager, actor, teamId);
      const userId = getUserId(caller);
      const mayChange =
        caller.permissions.has('team:write') ||
        (userId !== null && (await work.manager.existsBy(TeamMemberEntity, { teamId, userId, role: 'admin' })));
      if (!mayChange)
        throw denied('Only an admin of this team may change its members. Ask one, or an admin of your organization.');
      return job(work);
    });
  }
}

async function findMember(manager: EntityManager, teamId: TeamId, userId: UserId) {
  const member = await manager.findOneBy(TeamMemberEntity, { teamId, userId });
  const user = member && (await manager.findOneBy(UserEntity, { id: userId }));
  if (!member || !user) throw new GatewayError('not_found', 'This user is not in the team.');
  return { member, user };
}
