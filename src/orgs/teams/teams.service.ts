import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { createId, type TeamId } from '../../platform/ids.js';
import { DeletionHooks } from '../lifecycle/deletion-hooks.js';
import { changeTeam } from './change-team.js';
import { closeTeamProxies } from './close-team-proxies.js';
import { TeamMemberEntity } from './team-member.entity.js';
import { TeamEntity } from './team.entity.js';
import { toTeamRecord, toTeamView, type CreateTeamBody, type TeamView, type UpdateTeamBody } from './teams.dto.js';
import { rejectDuplicates } from '../organization/unique-fields.js';

/** A change of a team. */
export type TeamChange = UpdateTeamBody & Partial<Pick<TeamEntity, 'externalId'>>;

/** Creates, changes and deletes the teams of an organization. */
@Injectable()
export class TeamsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly deletionHooks: DeletionHooks,
    private readonly clock: Clock,
  ) {}

  /** Throws `conflict` for a name that is taken. */
  async create(actor: Actor, body: CreateTeamBody): Promise<TeamView> {
    return toTeamView(await rejectDuplicates(this.unitOfWork.run((work) => this.insert(work, actor, body))));
  }

  /** Runs in a transaction of the caller. */
  async insert({ manager }: Work, actor: Actor, fields: Pick<TeamEntity, 'name'> & TeamChange): Promise<TeamEntity> {
    const now = new Date(this.clock.now());
    const row = {
      id: createId(now.getTime()),
      organizationId: actor.caller.organizationId,
      createdAt: now,
      updatedAt: now,
    };
    const team = manager.create(TeamEntity, { ...row, name: fields.name, externalId: fields.externalId ?? null });
    await manager.insert(TeamEntity, team);
    await this.audit.record(manager, actor, buildAuditEvent('team', 'create', team.id, { after: toTeamRecord(team) }));
    return team;
  }

  /** Throws `conflict` for a name that is taken. */
  async update(actor: Actor, id: TeamId, body: UpdateTeamBody): Promise<TeamView> {
    const write = changeTeam(this.unitOfWork, actor, id, (work, team) => this.change(work, actor, team, body));
    return toTeamView(await rejectDuplicates(write));
  }

  /** Runs in a transaction of `changeTeam`. */
  async change(work: Work, actor: Actor, team: TeamEntity, { name, externalId }: TeamChange): Promise<TeamEntity> {
    const before = toTeamRecord(team);
    if (name !== undefined) team.name = name;
    if (externalId !== undefined) team.externalId = externalId;
    team.updatedAt = new Date(this.clock.now());
    await work.manager.update(TeamEntity, { id: team.id }, team);
    await this.audit.record(
      work.manager,
      actor,
      buildAuditEvent('team', 'update', team.id, { before, after: toTeamRecord(team) }),
    );
    work.announce({ tag: authTag.team(team.id), effect: 'changed' });
    return team;
  }

  /** Also deletes memberships and the team's keys. Throws `conflict` while it is the only team of an LLM proxy. */
  delete(actor: Actor, id: TeamId): Promise<void> {
    return changeTeam(this.unitOfWork, actor, id, async (work, team) => {
      await closeTeamProxies(work, team);
      await this.deletionHooks.announce(work, { type: 'team', id, organizationId: team.organizationId });
      const members = await work.manager.findBy(TeamMemberEntity, { teamId: id });
      await work.manager.delete(TeamEntity, { id });
      await this.audit.record(
        work.manager,
        actor,
        buildAuditEvent('team', 'delete', id, { before: toTeamRecord(team) }),
      );
      work.announce({ tag: authTag.team(id), effect: 'revoked' });
      for (const { userId } of members) work.announce({ tag: authTag.user(userId), effect: 'revoked' });
    });
  }
}
