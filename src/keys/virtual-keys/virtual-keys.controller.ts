import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { SignedIn } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { ApiPageOf, type Page } from '../../admin-api/page.js';
import { VirtualKeyLifecycleService } from './virtual-key-lifecycle.service.js';
import {
  CreateVirtualKeyBody,
  ListVirtualKeysQuery,
  RotateVirtualKeyBody,
  UpdateVirtualKeyBody,
  VirtualKeyCreated,
  VirtualKeyView,
} from './virtual-keys.dto.js';
import { VirtualKeysReader } from './virtual-keys.reader.js';
import { VirtualKeysService } from './virtual-keys.service.js';

@ApiTags('Virtual keys')
@SignedIn()
@Controller('api/llm-virtual-keys')
export class VirtualKeysController {
  constructor(
    private readonly reader: VirtualKeysReader,
    private readonly keys: VirtualKeysService,
    private readonly lifecycle: VirtualKeyLifecycleService,
  ) {}

  /** Lists the virtual keys that you may see: your own, your teams', the organization's. Newest first. */
  @Get()
  @ApiPageOf(VirtualKeyView)
  list(@CurrentActor() actor: Actor, @Query() query: ListVirtualKeysQuery): Promise<Page<VirtualKeyView>> {
    return this.reader.list(actor, query);
  }

  /** Shows a virtual key, without its secret. */
  @Get(':id')
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<VirtualKeyView> {
    return this.reader.get(actor, id);
  }

  /** Creates a virtual key. Its `value` is shown in this response and never again. */
  @Post()
  @Header('Cache-Control', 'no-store')
  create(@CurrentActor() actor: Actor, @Body() body: CreateVirtualKeyBody): Promise<VirtualKeyCreated> {
    return this.keys.create(actor, body);
  }

  /** Changes a virtual key. Absent fields are unchanged. Takes effect immediately. */
  @Patch(':id')
  update(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: UpdateVirtualKeyBody,
  ): Promise<VirtualKeyView> {
    return this.keys.update(actor, id, body);
  }

  /** Deletes a virtual key with its mappings. To keep it for the records, revoke it. */
  @Delete(':id')
  @HttpCode(204)
  delete(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.lifecycle.remove(actor, id);
  }

  /**
   * Gives a virtual key a new `value`. It is shown in this response and never again. The previous one is accepted
   * during the overlap.
   */
  @Post(':id/rotate')
  @HttpCode(200)
  @ApiProblems(409)
  @Header('Cache-Control', 'no-store')
  rotate(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: RotateVirtualKeyBody,
  ): Promise<VirtualKeyCreated> {
    return this.lifecycle.rotate(actor, id, body.overlapSeconds ?? 0);
  }

  /** Revokes a virtual key. It ends immediately and permanently; its row is kept for the records. */
  @Post(':id/revoke')
  @HttpCode(200)
  revoke(@CurrentActor() actor: Actor, @PathId() id: string): Promise<VirtualKeyView> {
    return this.lifecycle.revoke(actor, id);
  }
}
