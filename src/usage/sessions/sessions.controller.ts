import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiCursorPageOf, type CursorPage } from '../../admin-api/cursor-page.js';
import { ListSessionsQuery, SessionView } from './sessions.dto.js';
import { SessionsReader } from './sessions.reader.js';

@ApiTags('Interactions')
@RequirePermission('interaction:read_own')
@Controller('api/sessions')
export class SessionsController {
  constructor(private readonly reader: SessionsReader) {}

  /**
   * Lists the sessions that calls named, by latest call, with the figures of their calls. Without the permission
   * `interaction:read`, only those of your own calls.
   */
  @Get()
  @ApiCursorPageOf(SessionView)
  listSessions(@CurrentActor() actor: Actor, @Query() query: ListSessionsQuery): Promise<CursorPage<SessionView>> {
    return this.reader.list(actor, query);
  }
}
