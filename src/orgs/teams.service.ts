import { Injectable } from '@nestjs/common';
import { DataSource, ILike } from 'typeorm';
import type { Actor } from '../auth/actor.js';
import { authTag } from '../auth/caller.js';
import { AuditLog } from '../audit/audit-log.js';
import { Clock } from '../platform/clock.js';
import { UnitOfWork, type Work } from '../platform/database/unit-of-work.js';
import { newId, type TeamId } from '../platform/ids.js';
import { containing, toPage, type Page, type PageQuery } from '../platform/page.js';
import { Departures } from './departures.js';
import { lockOrganisation } from './organisation-lock.js';
import { notFound } from './refusals.js';
import { closeProxiesTo } from './team-proxies.js';
import { TeamMemberEntity } from './team-member.entity.js';
import { TeamEntity } from './team.entity.js';
import { toTeamView, type CreateTeamBody, type UpdateTeamBody } from './teams.dto.js';
import { refusingDuplicates } from './unique-violation.js';

@Injectable()
export class TeamsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly departures: Departures,
    private readonly clock: Clock,
  ) {}

  async list({ caller }: Actor, query: PageQuery): Promise<Page<TeamEntity>> {
    const { organisationId } = caller;
    const [teams, total] = await this.dataSource.manager.findAndCount(TeamEntity, {
      where: { organisationId, ...(query.search === undefined ? {} : { name: ILike(containing(query.search)) }) },
      order: { id: 'ASC' },
      skip: query.offset,
      take: query.limit,
    });
    return toPage(teams, total, query);
  }

  async get({ caller }: Actor, id: TeamId): Promise<TeamEntity> {
    const team = await this.dataSource.manager.findOneBy(TeamEntity, { id, organisationId: caller.organisationId });
    if (!team) throw notFound('team', id);
    return team;
  }

  /** Throws `conflict` for a name that is taken. */
  create(actor: Actor, body: CreateTeamBody): Promise<TeamEntity> {
    const now = new Date(this.clock.now());
    const write = this.unitOfWork.run(async ({ manager }) => {
      const row = {
        id: newId(now.getTime()),
        organisationId: actor.caller.organisationId,
        createdAt: now,
        updatedAt: now,
      };
      const team = manager.create(TeamEntity, { ...row, name: body.name });
      await manager.insert(TeamEntity, team);
      await this.audit.record(manager, actor, { ...fact('create', team.id), after: toTeamView(team) });
      return team;
    });
    return refusingDuplicates(write);
  }

  /** Throws `conflict` for a name that is taken. */
  update(actor: Actor, id: TeamId, body: UpdateTeamBody): Promise<TeamEntity> {
    const write = this.#change(actor, id, async (work, team) => {
      const before = toTeamView(team);
      if (body.name !== undefined) team.name = body.name;
      team.updatedAt = new Date(this.clock.now());
      await work.manager.update(TeamEntity, { id }, team);
      await this.audit.record(work.manager, actor, { ...fact('update', id), before, after: toTeamView(team) });
      work.announce({ tag: authTag.team(id), effect: 'changed' });
      return team;
    });
    return refusingDuplicates(write);
  }

  /** Memberships and the team's keys go as well. Throws `conflict` while an LLM proxy is open to this team alone. */
  delete(actor: Actor, id: TeamId): Promise<void> {
    return this.#change(actor, id, async (work, team) => {
      await closeProxiesTo(work, team);
      await this.departures.announce(work, { type: 'team', id, organisationId: team.organisationId });
      const members = await work.manager.findBy(TeamMemberEntity, { teamId: id });
      await work.manager.delete(TeamEntity, { id });
      await this.audit.record(work.manager, actor, { ...fact('delete', id), before: toTeamView(team) });
      work.announce({ tag: authTag.team(id), effect: 'revoked' });
      for (const { userId } of members) work.announce({ tag: authTag.user(userId), effect: 'revoked' });
    });
  }

  #change<T>({ caller }: Actor, id: TeamId, job: (work: Work, team: TeamEntity) => Promise<T>): Promise<T> {
    return this.unitOfWork.run(async (work) => {
      await lockOrganisation(work.manager, caller.organisationId);
      const team = await work.manager.findOneBy(TeamEntity, { id, organisationId: caller.organisationId });
      if (!team) throw notFound('team', id);
      return job(work, team);
    });
  }
}

const fact = (verb: string, id: string) => ({ action: `team.${verb}`, targetType: 'team', targetId: id });
