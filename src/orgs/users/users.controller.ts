import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import type { UserId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { PathId } from '../../admin-api/field-rules.js';
import { UserAccessService } from './user-access.service.js';
import { CreateUserBody, toUserCreated, toUserView, UpdateUserBody, UserCreated, UserView } from './users.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('Users')
@Controller('api/users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly access: UserAccessService,
    private readonly config: AppConfig,
  ) {}

  /** Lists the users of your organization, oldest first. */
  @Get()
  @RequirePermission('user:read')
  @ApiPageOf(UserView)
  async list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<UserView>> {
    const page = await this.users.list(actor, query);
    return { ...page, data: page.data.map(toUserView) };
  }

  /** Invites a person. The response holds the invitation link, which is shown only once; no mail is sent. */
  @Post()
  @RequirePermission('user:write')
  @Header('cache-control', 'no-store')
  @ApiProblems(409)
  async create(@CurrentActor() actor: Actor, @Body() body: CreateUserBody): Promise<UserCreated> {
    const { user, invitation } = await this.users.create(actor, body);
    return toUserCreated(user, this.config.http.publicUrl, invitation);
  }

  /** Shows a user. */
  @Get(':id')
  @RequirePermission('user:read')
  async get(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<UserView> {
    return toUserView(await this.users.get(actor, id));
  }

  /** Changes a user. Absent fields are unchanged. Takes effect immediately, also for credentials in use. */
  @Patch(':id')
  @RequirePermission('user:write')
  @ApiProblems(409)
  async update(@CurrentActor() actor: Actor, @PathId() id: UserId, @Body() body: UpdateUserBody): Promise<UserView> {
    return toUserView(await this.users.update(actor, id, body));
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
  async disable(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<UserView> {
    return toUserView(await this.access.disable(actor, id));
  }

  /** Enables a disabled user. */
  @Post(':id/enable')
  @HttpCode(200)
  @RequirePermission('user:write')
  async enable(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<UserView> {
    return toUserView(await this.access.enable(actor, id));
  }

  /** Creates a new invitation link, for a first password or a forgotten one. Shown only once; an earlier link ends. */
  @Post(':id/invite')
  @HttpCode(200)
  @RequirePermission('user:write')
  @Header('cache-control', 'no-store')
  @ApiProblems(409)
  async invite(@CurrentActor() actor: Actor, @PathId() id: UserId): Promise<UserCreated> {
    const { user, invitation } = await this.access.invite(actor, id);
    return toUserCreated(user, this.config.http.publicUrl, invitation);
  }
}
