import { Injectable } from '@nestjs/common';
import { DataSource, ILike } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { createId, type TeamId } from '../../platform/ids.js';
import { toLikePattern, toPage, type Page, type PageQuery } from '../../admin-api/page.js';
import { DeletionHooks } from '../lifecycle/deletion-hooks.js';
import { notFound } from '../../admin-api/refusals.js';
import { changeTeam } from './change-team.js';
import { closeTeamProxies } from './close-team-proxies.js';
import { TeamMemberEntity } from './team-member.entity.js';
import { TeamEntity } from './team.entity.js';
import { toTeamRecord, type CreateTeamBody, type UpdateTeamBody } from './teams.dto.js';
import { rejectDuplicates } from '../organization/unique-fields.js';

/** A change of a team. */
export type TeamChange = UpdateTeamBody & Partial<Pick<TeamEntity, 'externalId'>>;

@Injectable()
export class TeamsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly deletionHooks: DeletionHooks,
    private readonly clock: Clock,
  ) {}

  async list({ caller }: Actor, query: PageQuery): Promise<Page<TeamEntity>> {
    const { organizationId } = caller;
    const [teams, total] = await this.dataSource.manager.findAndCount(TeamEntity, {
      where: { organizationId, ...(query.search === undefined ? {} : { name: ILike(toLikePattern(query.search)) }) },
      order: { id: 'ASC' },
      skip: query.offset,
      take: query.limit,
    });
    return toPage(teams, total, query);
  }

  async get({ caller }: Actor, id: TeamId): Promise<TeamEntity> {
    const team = await this.dataSource.manager.findOneBy(TeamEntity, { id, organizationId: caller.organizationId });
    if (!team) throw notFound('team', id);
    return team;
  }

  /** Throws `conflict` for a name that is taken. */
  create(actor: Actor, body: CreateTeamBody): Promise<TeamEntity> {
    return rejectDuplicates(this.unitOfWork.run((work) => this.insert(work, actor, body)));
  }

  /** Runs in a transaction of the caller. */
  async insert({ manager }: Work, actor: Actor, given: Pick<TeamEntity, 'name'> & TeamChange): Promise<TeamEntity> {
    const now = new Date(this.clock.now());
    const row = {
      id: createId(now.getTime()),
      organizationId: actor.caller.organizationId,
      createdAt: now,
      updatedAt: now,
    };
    const team = manager.create(TeamEntity, { ...row, name: given.name, externalId: given.externalId ?? null });
    await manager.insert(TeamEntity, team);
    await this.audit.record(manager, actor, { ...auditEvent('create', team.id), after: toTeamRecord(team) });
    return team;
  }

  /** Throws `conflict` for a name that is taken. */
  update(actor: Actor, id: TeamId, body: UpdateTeamBody): Promise<TeamEntity> {
    return rejectDuplicates(
      changeTeam(this.unitOfWork, actor, id, (work, team) => this.change(work, actor, team, body)),
    );
  }

  /** Runs in a transaction of `changeTeam`. */
  async change(work: Work, actor: Actor, team: TeamEntity, { name, externalId }: TeamChange): Promise<TeamEntity> {
    const before = toTeamRecord(team);
    if (name !== undefined) team.name = name;
    if (externalId !== undefined) team.externalId = externalId;
    team.updatedAt = new Date(this.clock.now());
    await work.manager.update(TeamEntity, { id: team.id }, team);
    await this.audit.record(work.manager, actor, {
      ...auditEvent('update', team.id),
      before,
      after: toTeamRecord(team),
    });
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
      await this.audit.record(work.manager, actor, { ...auditEvent('delete', id), before: toTeamRecord(team) });
      work.announce({ tag: authTag.team(id), effect: 'revoked' });
      for (const { userId } of members) work.announce({ tag: authTag.user(userId), effect: 'revoked' });
    });
  }
}

const auditEvent = (verb: string, id: string) => ({ action: `team.${verb}`, targetType: 'team', targetId: id });
