import { Body, Controller, Delete, Get, HttpCode, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiProblems } from '../../admin-api/api-problems.js';
import { ApiPageOf, type Page } from '../../admin-api/page.js';
import { ModelPricesService } from './model-prices.service.js';
import { ListModelsQuery, ModelPriceQuery, ModelPriceVersionView, ModelView, SetModelPriceBody } from './models.dto.js';
import { ModelsReader } from './models.reader.js';

@ApiTags('Models')
@Controller('api/llm-models')
export class ModelsController {
  constructor(
    private readonly reader: ModelsReader,
    private readonly prices: ModelPricesService,
  ) {}

  /** Lists the models that have a price, by provider and name. */
  @Get()
  @RequirePermission('model:read')
  @ApiPageOf(ModelView)
  list(@CurrentActor() actor: Actor, @Query() query: ListModelsQuery): Promise<Page<ModelView>> {
    return this.reader.list(actor, query);
  }

  /** Lists the past, present and future prices that your organization set for a model, latest first. */
  @Get('override')
  @RequirePermission('model:read')
  @ApiOkResponse({ type: [ModelPriceVersionView], description: 'The prices, latest first.' })
  listModelPriceVersions(
    @CurrentActor() actor: Actor,
    @Query() query: ModelPriceQuery,
  ): Promise<ModelPriceVersionView[]> {
    return this.reader.listVersions(actor, query);
  }

  /** Sets your organization's price of a model. It applies to calls from now on, or from `effectiveFrom`. */
  @Put('override')
  @RequirePermission('model:write')
  setModelPrice(@CurrentActor() actor: Actor, @Body() body: SetModelPriceBody): Promise<ModelView> {
    return this.prices.set(actor, body);
  }

  /**
   * Removes your organization's price of a model: the list price applies again from now on. Prices set for the future
   * are deleted.
   */
  @Delete('override')
  @HttpCode(204)
  @RequirePermission('model:write')
  @ApiProblems(404)
  deleteModelPrice(@CurrentActor() actor: Actor, @Query() query: ModelPriceQuery): Promise<void> {
    return this.prices.remove(actor, query);
  }
}
