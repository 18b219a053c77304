import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import type { Actor } from '../../auth/callers/actor.js';
import type { TeamId } from '../../platform/ids.js';
import { UserEntity } from '../users/user.entity.js';
import { TeamMemberEntity } from './team-member.entity.js';
import { toTeamMemberView, type TeamMemberView } from './team-members.dto.js';
import { loadTeam } from './teams.reader.js';

type Row = TeamMemberEntity & { user: UserEntity };

/** Reads the members of a team. */
@Injectable()
export class TeamMembersReader {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order of joining. */
  async list(actor: Actor, teamId: TeamId, query: PageQuery): Promise<Page<TeamMemberView>> {
    const { manager } = this.dataSource;
    await loadTeam(manager, actor, teamId);
    const members = manager
      .createQueryBuilder<Row>(TeamMemberEntity as new () => Row, 'm')
      .innerJoinAndMapOne('m.user', UserEntity, 'u', 'u.id = m.userId')
      .where({ teamId })
      .orderBy('m.joinedAt')
      .addOrderBy('m.userId');
    return listPage(members, query, {
      searchIn: ['u.email', 'u.name'],
      toViews: (rows) => rows.map((row) => toTeamMemberView(row, row.user)),
    });
  }
}
