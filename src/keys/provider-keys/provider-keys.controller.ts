import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { SignedIn } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiPageOf, type Page } from '../../admin-api/page.js';
import {
  CreateProviderKeyBody,
  ListProviderKeysQuery,
  ProviderKeyTestView,
  ProviderKeyView,
  RotateProviderKeyBody,
  UpdateProviderKeyBody,
} from './provider-keys.dto.js';
import { ProviderKeyTester } from './provider-key-tester.js';
import { ProviderKeysReader } from './provider-keys.reader.js';
import { ProviderKeysService } from './provider-keys.service.js';

@ApiTags('Provider keys')
@SignedIn()
@Controller('api/llm-provider-api-keys')
export class ProviderKeysController {
  constructor(
    private readonly reader: ProviderKeysReader,
    private readonly keys: ProviderKeysService,
    private readonly tester: ProviderKeyTester,
  ) {}

  /** Lists the provider keys that you may see: your own, your teams', the organization's. Newest first. */
  @Get()
  @ApiPageOf(ProviderKeyView)
  list(@CurrentActor() actor: Actor, @Query() query: ListProviderKeysQuery): Promise<Page<ProviderKeyView>> {
    return this.reader.list(actor, query);
  }

  /** Lists the provider keys that you may use in calls or map into virtual keys. Newest first. */
  @Get('available')
  @ApiPageOf(ProviderKeyView)
  listAvailableProviderKeys(
    @CurrentActor() actor: Actor,
    @Query() query: ListProviderKeysQuery,
  ): Promise<Page<ProviderKeyView>> {
    return this.reader.listAvailable(actor, query);
  }

  /** Shows a provider key, without its secret. */
  @Get(':id')
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<ProviderKeyView> {
    return this.reader.get(actor, id);
  }

  /** Stores a provider key. Its secret is sealed and never shown again. */
  @Post()
  create(@CurrentActor() actor: Actor, @Body() body: CreateProviderKeyBody): Promise<ProviderKeyView> {
    return this.keys.create(actor, body);
  }

  /** Changes a provider key. Absent fields are unchanged. A changed `baseUrl` requires the key again. */
  @Patch(':id')
  update(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: UpdateProviderKeyBody,
  ): Promise<ProviderKeyView> {
    return this.keys.update(actor, id, body);
  }

  /**
   * Deletes a provider key with all mappings to it. Calls with virtual keys and OAuth clients that were mapped to it
   * are refused with 400 `provider_not_mapped`; a virtual key without a remaining mapping has the status `unmapped`.
   */
  @Delete(':id')
  @HttpCode(204)
  delete(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.keys.remove(actor, id);
  }

  /** Replaces the secret of a provider key. Calls use the new one from now on. */
  @Post(':id/rotate')
  @HttpCode(200)
  rotate(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: RotateProviderKeyBody,
  ): Promise<ProviderKeyView> {
    return this.keys.rotate(actor, id, body);
  }

  /** Tests a provider key. Calls the provider with it, at no cost, and returns the result. */
  @Post(':id/test')
  @HttpCode(200)
  test(@CurrentActor() actor: Actor, @PathId() id: string): Promise<ProviderKeyTestView> {
    return this.tester.test(actor, id);
  }
}
