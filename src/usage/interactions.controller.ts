import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../auth/actor.js';
import { RequirePermission } from '../auth/route-access.js';
import { PathId } from '../orgs/field-rules.js';
import { ApiCursorPageOf, type CursorPage } from '../platform/page.js';
import { InteractionView, ListInteractionsQuery } from './interactions.dto.js';
import { InteractionsReader } from './interactions.reader.js';

@ApiTags('Interactions')
@RequirePermission('interaction:read_own')
@Controller('api/interactions')
export class InteractionsController {
  constructor(private readonly reader: InteractionsReader) {}

  /** Lists the records of calls, newest first. Without the permission `interaction:read`, those of your own calls. */
  @Get()
  @ApiCursorPageOf(InteractionView)
  list(@CurrentActor() { caller }: Actor, @Query() query: ListInteractionsQuery): Promise<CursorPage<InteractionView>> {
    return this.reader.list(caller, query);
  }

  /** Shows the record of one call. */
  @Get(':id')
  get(@CurrentActor() { caller }: Actor, @PathId() id: string): Promise<InteractionView> {
    return this.reader.one(caller, id);
  }
}
