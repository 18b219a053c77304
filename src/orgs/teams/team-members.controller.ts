import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import type { TeamId, UserId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { PathId } from '../../admin-api/field-rules.js';
import { CreateTeamMemberBody, TeamMemberView, UpdateTeamMemberBody } from './team-members.dto.js';
import { TeamMembersReader } from './team-members.reader.js';
import { TeamMembersService } from './team-members.service.js';

/**
 * Writes need `team:write`, or the role of an admin in the team: the service checks it, because it depends on the team.
 */
@ApiTags('Teams')
@Controller('api/teams/:id/members')
@RequirePermission('team:read')
export class TeamMembersController {
  constructor(
    private readonly reader: TeamMembersReader,
    private readonly members: TeamMembersService,
  ) {}

  /** Lists the members of a team, in the order of joining. */
  @Get()
  @ApiPageOf(TeamMemberView)
  list(@CurrentActor() actor: Actor, @PathId() id: TeamId, @Query() query: PageQuery): Promise<Page<TeamMemberView>> {
    return this.reader.list(actor, id, query);
  }

  /** Adds a user of the organization to a team. An admin of the team may do this too. */
  @Post()
  @ApiProblems(409)
  add(@CurrentActor() actor: Actor, @PathId() id: TeamId, @Body() body: CreateTeamMemberBody): Promise<TeamMemberView> {
    return this.members.add(actor, id, body);
  }

  /** Changes a member's role in the team. An admin of the team may do this too. */
  @Patch(':userId')
  update(
    @CurrentActor() actor: Actor,
    @PathId() id: TeamId,
    @PathId('userId') userId: UserId,
    @Body() body: UpdateTeamMemberBody,
  ): Promise<TeamMemberView> {
    return this.members.update(actor, id, userId, body);
  }

  /**
   * Removes a member from a team. Takes effect immediately, also for credentials in use. An admin of the team may do
   * this too.
   */
  @Delete(':userId')
  @HttpCode(204)
  remove(@CurrentActor() actor: Actor, @PathId() id: TeamId, @PathId('userId') userId: UserId): Promise<void> {
    return this.members.remove(actor, id, userId);
  }
}
