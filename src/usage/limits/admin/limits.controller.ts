import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../../auth/callers/actor.js';
import { RequirePermission } from '../../../auth/methods/route-access.js';
import { PathId } from '../../../admin-api/field-rules.js';
import { ApiProblems } from '../../../admin-api/api-problems.js';
import { ApiPageOf, type Page } from '../../../admin-api/page.js';
import { CreateLimitBody, LimitView, ListLimitsQuery, UpdateLimitBody } from './limits.dto.js';
import { LimitsReader } from './limits.reader.js';
import { LimitsService } from './limits.service.js';

@ApiTags('Limits')
@Controller('api/limits')
export class LimitsController {
  constructor(
    private readonly reader: LimitsReader,
    private readonly limits: LimitsService,
  ) {}

  /** Lists the limits of your organization in the order of creation, with their usage. */
  @Get()
  @RequirePermission('limit:read')
  @ApiPageOf(LimitView)
  list(@CurrentActor() actor: Actor, @Query() query: ListLimitsQuery): Promise<Page<LimitView>> {
    return this.reader.list(actor, query);
  }

  /** Sets a limit. It applies from the next call on, and includes earlier usage in its window. */
  @Post()
  @RequirePermission('limit:write')
  @ApiProblems(409)
  create(@CurrentActor() actor: Actor, @Body() body: CreateLimitBody): Promise<LimitView> {
    return this.limits.create(actor, body);
  }

  /** Shows a limit and its usage. */
  @Get(':id')
  @RequirePermission('limit:read')
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<LimitView> {
    return this.reader.get(actor, id);
  }

  /** Changes a limit. Absent fields stay; calls in progress are not stopped. */
  @Patch(':id')
  @RequirePermission('limit:write')
  update(@CurrentActor() actor: Actor, @PathId() id: string, @Body() body: UpdateLimitBody): Promise<LimitView> {
    return this.limits.update(actor, id, body);
  }

  /** Deletes a limit. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('limit:write')
  delete(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.limits.remove(actor, id);
  }
}
