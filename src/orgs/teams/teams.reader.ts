import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import { notFound } from '../../admin-api/refusals.js';
import type { Actor } from '../../auth/callers/actor.js';
import { TeamEntity } from './team.entity.js';
import { toTeamView, type TeamView } from './teams.dto.js';

/** Reads the teams of an organization. */
@Injectable()
export class TeamsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  list({ caller }: Actor, query: PageQuery): Promise<Page<TeamView>> {
    const { organizationId } = caller;
    const teams = this.dataSource.manager.createQueryBuilder(TeamEntity, 't').where({ organizationId }).orderBy('t.id');
    return listPage(teams, query, { searchIn: ['t.name'], toViews: (rows) => rows.map(toTeamView) });
  }

  async get(actor: Actor, id: string): Promise<TeamView> {
    return toTeamView(await loadTeam(this.dataSource.manager, actor, id));
  }
}

/** Returns the row. Throws `not_found` when the actor's organization has none with this id. */
export async function loadTeam(manager: EntityManager, { caller }: Actor, id: string): Promise<TeamEntity> {
  const row = await manager.findOneBy(TeamEntity, { id, organizationId: caller.organizationId });
  if (!row) throw notFound('team', id);
  return row;
}
