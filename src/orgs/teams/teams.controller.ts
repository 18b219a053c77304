import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import type { TeamId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { PathId } from '../../admin-api/field-rules.js';
import { CreateTeamBody, TeamView, UpdateTeamBody } from './teams.dto.js';
import { TeamsReader } from './teams.reader.js';
import { TeamsService } from './teams.service.js';

@ApiTags('Teams')
@Controller('api/teams')
export class TeamsController {
  constructor(
    private readonly reader: TeamsReader,
    private readonly teams: TeamsService,
  ) {}

  /** Lists the teams of your organization, oldest first. */
  @Get()
  @RequirePermission('team:read')
  @ApiPageOf(TeamView)
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<TeamView>> {
    return this.reader.list(actor, query);
  }

  /** Creates a team, without members. */
  @Post()
  @RequirePermission('team:write')
  @ApiProblems(409)
  create(@CurrentActor() actor: Actor, @Body() body: CreateTeamBody): Promise<TeamView> {
    return this.teams.create(actor, body);
  }

  /** Shows a team. */
  @Get(':id')
  @RequirePermission('team:read')
  get(@CurrentActor() actor: Actor, @PathId() id: TeamId): Promise<TeamView> {
    return this.reader.get(actor, id);
  }

  /** Changes a team. Absent fields are unchanged. */
  @Patch(':id')
  @RequirePermission('team:write')
  @ApiProblems(409)
  update(@CurrentActor() actor: Actor, @PathId() id: TeamId, @Body() body: UpdateTeamBody): Promise<TeamView> {
    return this.teams.update(actor, id, body);
  }

  /** Deletes a team with its memberships and its provider keys. Refused while it is the only team of an LLM proxy. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('team:write')
  @ApiProblems(409)
  delete(@CurrentActor() actor: Actor, @PathId() id: TeamId): Promise<void> {
    return this.teams.delete(actor, id);
  }
}
