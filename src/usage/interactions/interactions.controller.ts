import { Readable } from 'node:stream';
import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { PathId } from '../../admin-api/field-rules.js';
import { ApiCursorPageOf, type CursorPage } from '../../admin-api/cursor-page.js';
import { ExportInteractionsQuery, InteractionView, ListInteractionsQuery } from './interactions.dto.js';
import { InteractionExport } from './export.js';
import { InteractionsReader } from './interactions.reader.js';

const NDJSON = 'application/x-ndjson';

@ApiTags('Interactions')
@RequirePermission('interaction:read_own')
@Controller('api/interactions')
export class InteractionsController {
  constructor(
    private readonly reader: InteractionsReader,
    private readonly exports: InteractionExport,
  ) {}

  /**
   * Lists the records of calls, newest first. Without the permission `interaction:read`, only those of your own calls.
   */
  @Get()
  @ApiCursorPageOf(InteractionView)
  list(@CurrentActor() actor: Actor, @Query() query: ListInteractionsQuery): Promise<CursorPage<InteractionView>> {
    return this.reader.list(actor, query);
  }

  /**
   * Exports the records of calls, newest first: one JSON object per line. A response that breaks off is incomplete. The
   * audit log records each export and who started it.
   */
  @Get('export')
  @RequirePermission('interaction:read')
  @ApiOkResponse({
    description: 'The records, each on a line of its own.',
    content: { [NDJSON]: { schema: { $ref: getSchemaPath(InteractionView) } } },
  })
  async exportInteractions(
    @CurrentActor() actor: Actor,
    @Query() query: ExportInteractionsQuery,
  ): Promise<StreamableFile> {
    const lines = await this.exports.start(actor, query);
    return new StreamableFile(Readable.from(lines, { objectMode: false }), {
      type: NDJSON,
      disposition: 'attachment; filename="interactions.ndjson"',
    });
  }

  /** Shows the record of one call. */
  @Get(':id')
  get(@CurrentActor() actor: Actor, @PathId() id: string): Promise<InteractionView> {
    return this.reader.get(actor, id);
  }
}
