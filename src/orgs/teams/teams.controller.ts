import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import type { TeamId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { PathId } from '../../admin-api/field-rules.js';
import { CreateTeamBody, TeamView, toTeamView, UpdateTeamBody } from './teams.dto.js';
import { TeamsService } from './teams.service.js';

@ApiTags('Teams')
@Controller('api/teams')
export class TeamsController {
  constructor(private readonly teams: TeamsService) {}

  /** Lists the teams of your organization, oldest first. */
  @Get()
  @RequirePermission('team:read')
  @ApiPageOf(TeamView)
  async list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<TeamView>> {
    const page = await this.teams.list(actor, query);
    return { ...page, data: page.data.map(toTeamView) };
  }

  /** Creates a team, without members. */
  @Post()
  @RequirePermission('team:write')
  @ApiProblems(409)
  async create(@CurrentActor() actor: Actor, @Body() body: CreateTeamBody): Promise<TeamView> {
    return toTeamView(await this.teams.create(actor, body));
  }

  /** Shows a team. */
  @Get(':id')
  @RequirePermission('team:read')
  async get(@CurrentActor() actor: Actor, @PathId() id: TeamId): Promise<TeamView> {
    return toTeamView(await this.teams.get(actor, id));
  }

  /** Changes a team. Absent fields are unchanged. */
  @Patch(':id')
  @RequirePermission('team:write')
  @ApiProblems(409)
  async update(@CurrentActor() actor: Actor, @PathId() id: TeamId, @Body() body: UpdateTeamBody): Promise<TeamView> {
    return toTeamView(await this.teams.update(actor, id, body));
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
