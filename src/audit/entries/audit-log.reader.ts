import { Injectable } from '@nestjs/common';
import { And, DataSource, LessThan, MoreThanOrEqual, type FindOptionsWhere } from 'typeorm';
import { parseCursor, toCursorPage, type CursorPage, type CursorPosition } from '../../admin-api/cursor-page.js';
import type { Actor } from '../../auth/callers/actor.js';
import { AuditEntryEntity } from './audit-entry.entity.js';
import { toAuditEntryView, type AuditEntryView, type ListAuditLogQuery } from './audit-log.dto.js';

/** Reads the audit log of one organization, newest first. */
@Injectable()
export class AuditLogReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Throws `validation_failed` for a cursor that this API did not issue. */
  async list({ caller }: Actor, query: ListAuditLogQuery): Promise<CursorPage<AuditEntryView>> {
    const { actorId, action, targetType, targetId } = query;
    const position = parseCursor(query.cursor);
    const where: FindOptionsWhere<AuditEntryEntity> = {
      organizationId: caller.organizationId,
      ...(actorId === undefined ? {} : { actorId }),
      ...(action === undefined ? {} : { action }),
      ...(targetType === undefined ? {} : { targetType }),
      ...(targetId === undefined ? {} : { targetId }),
      // Ids are ordered by time, so the next page consists of the ids below the last one.
      ...(position === null ? {} : { id: LessThan(position.id) }),
      ...buildTimeFilter(query),
    };
    const rows = await this.dataSource.manager.find(AuditEntryEntity, {
      where,
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    return toCursorPage(rows, query, toPosition, (page) => page.map(toAuditEntryView));
  }
}

const toPosition = ({ createdAt, id }: AuditEntryEntity): CursorPosition => ({ at: createdAt, id });

function buildTimeFilter({ from, to }: ListAuditLogQuery): FindOptionsWhere<AuditEntryEntity> {
  const bounds = [
    ...(from === undefined ? [] : [MoreThanOrEqual(new Date(from))]),
    ...(to === undefined ? [] : [LessThan(new Date(to))]),
  ];
  return bounds.length > 0 ? { createdAt: And(...bounds) } : {};
}
