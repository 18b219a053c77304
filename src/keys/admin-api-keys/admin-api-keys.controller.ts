import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import type { AdminApiKeyId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { AdminApiKeyCreated, AdminApiKeyView, CreateAdminApiKeyBody } from './admin-api-keys.dto.js';
import { AdminApiKeysReader } from './admin-api-keys.reader.js';
import { AdminApiKeysService } from './admin-api-keys.service.js';

@ApiTags('Admin API keys')
@Controller('api/api-keys')
@RequirePermission('api_key:write')
export class AdminApiKeysController {
  constructor(
    private readonly reader: AdminApiKeysReader,
    private readonly keys: AdminApiKeysService,
  ) {}

  /**
   * Lists your admin API keys, oldest first. With the permission `any_api_key:write`, those of everyone in your
   * organization.
   */
  @Get()
  @ApiPageOf(AdminApiKeyView)
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<AdminApiKeyView>> {
    return this.reader.list(actor, query);
  }

  /** Creates an admin API key that acts as you. The response holds its value, which is shown only once. */
  @Post()
  @Header('cache-control', 'no-store')
  create(@CurrentActor() actor: Actor, @Body() body: CreateAdminApiKeyBody): Promise<AdminApiKeyCreated> {
    return this.keys.create(actor, body);
  }

  /** Shows an admin API key, without its value. */
  @Get(':id')
  get(@CurrentActor() actor: Actor, @PathId() id: AdminApiKeyId): Promise<AdminApiKeyView> {
    return this.reader.get(actor, id);
  }

  /** Deletes an admin API key. It is refused immediately, everywhere. */
  @Delete(':id')
  @HttpCode(204)
  delete(@CurrentActor() actor: Actor, @PathId() id: AdminApiKeyId): Promise<void> {
    return this.keys.delete(actor, id);
  }
}
