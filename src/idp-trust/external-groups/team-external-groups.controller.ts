import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import type { TeamId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { CreateTeamExternalGroupBody, TeamExternalGroupView } from './team-external-groups.dto.js';
import { TeamExternalGroupsReader } from './team-external-groups.reader.js';
import { TeamExternalGroupsService } from './team-external-groups.service.js';

@ApiTags('Teams')
@Controller('api/teams/:id/external-groups')
export class TeamExternalGroupsController {
  constructor(
    private readonly reader: TeamExternalGroupsReader,
    private readonly groups: TeamExternalGroupsService,
  ) {}

  /** Lists the groups of identity providers whose members belong to a team, oldest first. */
  @Get()
  @RequirePermission('team:read')
  @ApiPageOf(TeamExternalGroupView)
  list(
    @CurrentActor() actor: Actor,
    @PathId() id: TeamId,
    @Query() query: PageQuery,
  ): Promise<Page<TeamExternalGroupView>> {
    return this.reader.list(actor, id, query);
  }

  /** Makes the members of a group members of a team, for as long as their tokens contain the group. */
  @Post()
  @RequirePermission('team:write')
  @ApiProblems(409)
  addTeamExternalGroup(
    @CurrentActor() actor: Actor,
    @PathId() id: TeamId,
    @Body() body: CreateTeamExternalGroupBody,
  ): Promise<TeamExternalGroupView> {
    return this.groups.add(actor, id, body);
  }

  /**
   * Removes a group from a team. All members that groups of the same provider brought into the team leave it
   * immediately; a member of another group of the team rejoins with the next call.
   */
  @Delete(':groupId')
  @HttpCode(204)
  @RequirePermission('team:write')
  removeTeamExternalGroup(
    @CurrentActor() actor: Actor,
    @PathId() id: TeamId,
    @PathId('groupId') groupId: string,
  ): Promise<void> {
    return this.groups.remove(actor, id, groupId);
  }
}
