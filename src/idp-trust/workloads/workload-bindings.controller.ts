import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { CreateWorkloadBindingBody, WorkloadBindingView } from './workload-bindings.dto.js';
import { WorkloadBindingsReader } from './workload-bindings.reader.js';
import { WorkloadBindingsService } from './workload-bindings.service.js';

@ApiTags('Identity providers')
@Controller('api/identity-providers/:id/workloads')
export class WorkloadBindingsController {
  constructor(
    private readonly reader: WorkloadBindingsReader,
    private readonly bindings: WorkloadBindingsService,
  ) {}

  /** Lists the workload bindings of an identity provider, newest first. */
  @Get()
  @RequirePermission('identity_provider:read')
  @ApiPageOf(WorkloadBindingView)
  list(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Query() query: PageQuery,
  ): Promise<Page<WorkloadBindingView>> {
    return this.reader.list(actor, id, query);
  }

  /** Binds workloads to an application. A token that matches bindings to several applications is refused. */
  @Post()
  @RequirePermission('identity_provider:write')
  create(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: CreateWorkloadBindingBody,
  ): Promise<WorkloadBindingView> {
    return this.bindings.create(actor, id, body);
  }

  /** Removes a binding. Tokens that it admitted are refused immediately. */
  @Delete(':bindingId')
  @HttpCode(204)
  @RequirePermission('identity_provider:write')
  delete(@CurrentActor() actor: Actor, @PathId() id: string, @PathId('bindingId') bindingId: string): Promise<void> {
    return this.bindings.remove(actor, id, bindingId);
  }
}
