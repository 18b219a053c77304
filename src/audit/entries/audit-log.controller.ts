import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiCursorPageOf, type CursorPage } from '../../admin-api/cursor-page.js';
import { AuditEntryView, ListAuditLogQuery } from './audit-log.dto.js';
import { AuditLogReader } from './audit-log.reader.js';

@ApiTags('Audit log')
@Controller('api/audit-log')
export class AuditLogController {
  constructor(private readonly log: AuditLogReader) {}

  /** Lists the changes in your organization and their actors, newest first. */
  @Get()
  @RequirePermission('audit_log:read')
  @ApiCursorPageOf(AuditEntryView)
  list(@CurrentActor() actor: Actor, @Query() query: ListAuditLogQuery): Promise<CursorPage<AuditEntryView>> {
    return this.log.list(actor, query);
  }
}
