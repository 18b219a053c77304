import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import type { UserId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { PathId } from '../../admin-api/field-rules.js';
import { UserAccessService } from './user-access.service.js';
import { CreateUserBody, UpdateUserBody, UserCreated, UserView } from './users.dto.js';
import { UsersReader } from './users.reader.js';
import { UsersService } from './users.service.js';

@ApiTags('Users')
@Controller('api/users')
export class UsersController {
  constructor(
    private readonly reader: UsersReader,
    private readonly users: UsersService,
    private readonly access: UserAccessService,
  ) {}

  /** Lists the users of your organization, oldest first. */
  @Get()
  @RequirePermission('user:read')
  @ApiPageOf(UserView)
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<UserView>> {
    return this.reader.list(actor, query);
  }

  /** Invites a person. The response holds the invitation link, which is shown only once; no mail is sent. */
  @Post()
  @RequirePermission('user:write')
  @Header('cache-control', 'no-store')
  @ApiProblems(409)
  create(@CurrentActor() actor: Actor, @Body() body: CreateUserBody): Promise<UserCreated> {
    return this.users.create(actor, body);
  }

  /** Shows a user. */
  @Get(':id')
  @RequirePermission('user:read')
  get(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<UserView> {
    return this.reader.get(actor, id);
  }

  /** Changes a user. Absent fields are unchanged. Takes effect immediately, also for credentials in use. */
  @Patch(':id')
  @RequirePermission('user:write')
  @ApiProblems(409)
  update(@CurrentActor() actor: Actor, @PathId() id: UserId, @Body() body: UpdateUserBody): Promise<UserView> {
    return this.users.update(actor, id, body);
  }

  /** Deletes a user with personal keys and memberships. The records of past calls are kept. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('user:write')
  @ApiProblems(409)
  delete(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<void> {
    return this.users.delete(actor, id);
  }

  /** Disables a user. All their credentials are refused from now on, and open streams are cut. */
  @Post(':id/disable')
  @HttpCode(200)
  @RequirePermission('user:write')
  @ApiProblems(409)
  disable(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<UserView> {
    return this.access.disable(actor, id);
  }

  /** Enables a disabled user. */
  @Post(':id/enable')
  @HttpCode(200)
  @RequirePermission('user:write')
  enable(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<UserView> {
    return this.access.enable(actor, id);
  }

  /** Creates a new invitation link, for a first password or a forgotten one. Shown only once; an earlier link ends. */
  @Post(':id/invite')
  @HttpCode(200)
  @RequirePermission('user:write')
  @Header('cache-control', 'no-store')
  @ApiProblems(409)
  invite(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<UserCreated> {
    return this.access.invite(actor, id);
  }
}
