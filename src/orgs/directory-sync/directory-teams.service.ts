import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { isUuid, type TeamId, type UserId } from '../../platform/ids.js';
import { lockOrganization } from '../organization/lock.js';
import { unknownReference } from '../../admin-api/refusals.js';
import { changeTeam } from '../teams/change-team.js';
import { TeamMemberEntity } from '../teams/team-member.entity.js';
import { TeamMembersService } from '../teams/team-members.service.js';
import { TeamsService } from '../teams/teams.service.js';
import { rejectDuplicates } from '../organization/unique-fields.js';
import { UserEntity } from '../users/user.entity.js';

/** Bounds the response to the size of the request; twenty names suffice to find the mistake. */
const MAX_NAMED_USERS = 20;

/** A team as the organization's directory knows it. */
export interface DirectoryTeam {
  name: string;
  externalId: string | null;
  memberIds: ReadonlySet<string>;
}

/**
 * Writes the teams that a directory manages (SCIM 2.0). Applies the same rules as for other teams, and writes the
 * members in the same transaction.
 */
@Injectable()
export class DirectoryTeamsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly teams: TeamsService,
    private readonly members: TeamMembersService,
  ) {}

  /** Throws `conflict` for a name or external id that is taken, `validation_failed` for unknown members. */
  create(actor: Actor, { memberIds, ...fields }: DirectoryTeam): Promise<TeamId> {
    const write = this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, actor.caller.organizationId);
      const id = (await this.teams.insert(work, actor, fields)).id as TeamId;
      await this.#addMembers(work, actor, id, [...memberIds]);
      return id;
    });
    return rejectDuplicates(write);
  }

  /**
   * Calls `decide` with the current team, which is locked for the change. Throws the errors of `decide`, `not_found`,
   * and those of `create`.
   */
  change(
    actor: Actor,
    id: TeamId,
    decide: (team: DirectoryTeam) => Partial<DirectoryTeam> | Promise<Partial<DirectoryTeam>>,
  ): Promise<void> {
    const write = changeTeam(this.unitOfWork, actor, id, async (work, team) => {
      const present = await findMemberIds(work.manager, id);
      const { memberIds = present, ...changes } = await decide({ ...team, memberIds: present });
      const isNew = (field: 'name' | 'externalId') => changes[field] !== undefined && changes[field] !== team[field];
      if (isNew('name') || isNew('externalId')) await this.teams.change(work, actor, team, changes);
      for (const userId of present)
        if (!memberIds.has(userId)) await this.members.leave(work, actor, id, userId as UserId);
      const addedIds = [...memberIds].filter((userId) => !present.has(userId));
      await this.#addMembers(work, actor, id, addedIds);
    });
    return rejectDuplicates(write);
  }

  /** Throws as `TeamsService.delete` does. */
  delete(actor: Actor, id: TeamId): Promise<void> {
    return this.teams.delete(actor, id);
  }

  async #addMembers(work: Work, actor: Actor, teamId: TeamId, userIds: readonly string[]): Promise<void> {
    const { organizationId } = actor.caller;
    const users = await work.manager.findBy(UserEntity, { id: In(userIds.filter(isUuid)), organizationId });
    const known = new Map(users.map((user) => [user.id, user]));
    const unknown = userIds.filter((id) => !known.has(id));
    if (unknown.length > 0) throw unknownReference('user', unknown.slice(0, MAX_NAMED_USERS));
    for (const userId of userIds) await this.members.join(work, actor, teamId, known.get(userId)!, 'member');
  }
}

async function findMemberIds(manager: EntityManager, teamId: TeamId): Promise<ReadonlySet<string>> {
  const members = await manager.find(TeamMemberEntity, { where: { teamId }, select: { userId: true } });
  return new Set(members.map(({ userId }) => userId));
}
