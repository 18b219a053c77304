import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentActor, type Actor } from '../../auth/callers/actor.js';
import { RequirePermission } from '../../auth/methods/route-access.js';
import { ApiCursorPageOf, type CursorPage } from '../../admin-api/page.js';
import { AuditEntryView, ListAuditLogQuery, toAuditEntryView } from './audit-log.dto.js';
import { AuditLogReader } from './audit-log.reader.js';

@ApiTags('Audit log')
@Controller('api/audit-log')
export class AuditLogController {
  constructor(private readonly log: AuditLogReader) {}

  /** Lists the changes in your organization and their actors, newest first. */
  @Get()
  @RequirePermission('audit_log:read')
  @ApiCursorPageOf(AuditEntryView)
  async list(
    @CurrentActor() { caller }: Actor,
    @Query() query: ListAuditLogQuery,
  ): Promise<CursorPage<AuditEntryView>> {
    const page = await this.log.list(caller.organizationId, query);
    return { ...page, data: page.data.map(toAuditEntryView) };
  }
}
