import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { ApiPageOf, PageQuery, type Page } from '../../admin-api/page.js';
import { CreateModelAliasBody, ModelAliasView, UpdateModelAliasBody } from './model-aliases.dto.js';
import { ModelAliasesReader } from './model-aliases.reader.js';
import { ModelAliasesService } from './model-aliases.service.js';

@ApiTags('Model aliases')
@Controller('api/model-aliases')
export class ModelAliasesController {
  constructor(
    private readonly reader: ModelAliasesReader,
    private readonly aliases: ModelAliasesService,
  ) {}

  /** Lists the model aliases of your organization, by name. */
  @Get()
  @RequirePermission('model_alias:read')
  @ApiPageOf(ModelAliasView)
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<ModelAliasView>> {
    return this.reader.list(actor, query);
  }

  /** Creates a model alias. Callers of the Model Router who reach one of its targets can use it immediately. */
  @Post()
  @RequirePermission('model_alias:write')
  @ApiProblems(409)
  create(@CurrentActor() actor: Actor, @Body() body: CreateModelAliasBody): Promise<ModelAliasView> {
    return this.aliases.create(actor, body);
  }

  /** Shows a model alias. */
  @Get(':id')
  @RequirePermission('model_alias:read')
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<ModelAliasView> {
    return this.reader.get(actor, id);
  }

  /** Changes a model alias. Absent members stay unchanged. Calls in progress continue with the former settings. */
  @Patch(':id')
  @RequirePermission('model_alias:write')
  @ApiProblems(409)
  update(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: UpdateModelAliasBody,
  ): Promise<ModelAliasView> {
    return this.aliases.update(actor, id, body);
  }

  /** Deletes a model alias. Its name stops resolving immediately. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('model_alias:write')
  delete(@CurrentActor() actor: Actor, @PathId() id: string): Promise<void> {
    return this.aliases.remove(actor, id);
  }
}
