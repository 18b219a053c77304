import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import type { Actor } from '../../auth/callers/actor.js';
import { loadTeam } from '../../orgs/teams/teams.reader.js';
import type { TeamId } from '../../platform/ids.js';
import { TeamExternalGroupEntity } from './team-external-group.entity.js';
import { toTeamExternalGroupView, type TeamExternalGroupView } from './team-external-groups.dto.js';

/** Reads the groups of identity providers whose members belong to a team. */
@Injectable()
export class TeamExternalGroupsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  async list(actor: Actor, teamId: TeamId, query: PageQuery): Promise<Page<TeamExternalGroupView>> {
    const { manager } = this.dataSource;
    await loadTeam(manager, actor, teamId);
    const groups = manager.createQueryBuilder(TeamExternalGroupEntity, 'g').where({ teamId }).orderBy('g.id');
    return listPage(groups, query, {
      searchIn: ['g.groupName'],
      toViews: (rows) => rows.map(toTeamExternalGroupView),
    });
  }
}
