import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { PathId } from '../../admin-api/field-rules.js';
import { CreateRoleBody, RoleView, UpdateRoleBody } from './roles.dto.js';
import { RolesReader } from './roles.reader.js';
import { RolesService } from './roles.service.js';

@ApiTags('Roles')
@Controller('api/roles')
export class RolesController {
  constructor(
    private readonly reader: RolesReader,
    private readonly roles: RolesService,
  ) {}

  /** Lists the custom roles of your organization, oldest first. Built-in roles are not included. */
  @Get()
  @RequirePermission('role:read')
  @ApiPageOf(RoleView)
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<RoleView>> {
    return this.reader.list(actor, query);
  }

  /** Creates a custom role. Assign it to people with `customRoleId` of a user. */
  @Post()
  @RequirePermission('role:write')
  @ApiProblems(409)
  create(@CurrentActor() actor: Actor, @Body() body: CreateRoleBody): Promise<RoleView> {
    return this.roles.create(actor, body);
  }

  /** Shows a custom role. */
  @Get(':id')
  @RequirePermission('role:read')
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<RoleView> {
    return this.reader.get(actor, id);
  }

  /**
   * Changes a custom role. Absent fields are unchanged. Takes effect immediately for all who have it, also for
   * credentials in use.
   */
  @Patch(':id')
  @RequirePermission('role:write')
  @ApiProblems(409)
  update(@CurrentActor() actor: Actor, @PathId() id: string, @Body() body: UpdateRoleBody): Promise<RoleView> {
    return this.roles.update(actor, id, body);
  }

  /** Deletes a custom role. Refused while a user has it. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('role:write')
  @ApiProblems(409)
  delete(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.roles.delete(actor, id);
  }
}
