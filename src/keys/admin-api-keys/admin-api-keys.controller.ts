import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import type { AdminApiKeyId } from '../../platform/ids.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { AdminApiKeyCreated, AdminApiKeyView, CreateAdminApiKeyBody, toAdminApiKeyView } from './admin-api-keys.dto.js';
import { AdminApiKeysService } from './admin-api-keys.service.js';

@ApiTags('Admin API keys')
@Controller('api/api-keys')
@RequirePermission('api_key:write')
export class AdminApiKeysController {
  constructor(private readonly keys: AdminApiKeysService) {}

  /**
   * Lists your admin API keys, oldest first. With the permission `any_api_key:write`, those of everyone in your
   * organization.
   */
  @Get()
  @ApiPageOf(AdminApiKeyView)
  async list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<AdminApiKeyView>> {
    const page = await this.keys.list(actor, query);
    return { ...page, data: page.data.map(toAdminApiKeyView) };
  }

  /** Creates an admin API key that acts as you. The response holds its value, which is shown only once. */
  @Post()
  @Header('cache-control', 'no-store')
  async create(@CurrentActor() actor: Actor, @Body() body: CreateAdminApiKeyBody): Promise<AdminApiKeyCreated> {
    const { key, value } = await this.keys.create(actor, body);
    return { ...toAdminApiKeyView(key), value };
  }

  /** Shows an admin API key, without its value. */
  @Get(':id')
  async get(@CurrentActor() actor: Actor, @PathId() id: AdminApiKeyId): Promise<AdminApiKeyView> {
    return toAdminApiKeyView(await this.keys.get(actor, id));
  }

  /** Deletes an admin API key. It is refused immediately, everywhere. */
  @Delete(':id')
  @HttpCode(204)
  delete(@CurrentActor() actor: Actor, @PathId() id: AdminApiKeyId): Promise<void> {
    return this.keys.delete(actor, id);
  }
}
