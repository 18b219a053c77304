import { Injectable } from '@nestjs/common';
import { And, DataSource, LessThan, MoreThanOrEqual, type FindOptionsWhere } from 'typeorm';
import { decodeCursor, toCursorPage, type CursorPage } from '../../admin-api/page.js';
import { AuditEntryEntity } from './audit-entry.entity.js';
import type { ListAuditLogQuery } from './audit-log.dto.js';

/** Reads the audit log of one organization, newest first. */
@Injectable()
export class AuditLogReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Throws `validation_failed` for a cursor that this API did not issue. */
  async list(organizationId: string, query: ListAuditLogQuery): Promise<CursorPage<AuditEntryEntity>> {
    const { limit, cursor, actorId, action, targetType, targetId } = query;
    const where: FindOptionsWhere<AuditEntryEntity> = {
      organizationId,
      ...(actorId === undefined ? {} : { actorId }),
      ...(action === undefined ? {} : { action }),
      ...(targetType === undefined ? {} : { targetType }),
      ...(targetId === undefined ? {} : { targetId }),
      // Ids are ordered by time, so the next page consists of the ids below the last one.
      ...(cursor === undefined ? {} : { id: LessThan(decodeCursor(cursor)) }),
      ...during(query),
    };
    const rows = await this.dataSource.manager.find(AuditEntryEntity, {
      where,
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return toCursorPage(rows, limit);
  }
}

function during({ from, to }: ListAuditLogQuery): FindOptionsWhere<AuditEntryEntity> {
  const bounds = [
    ...(from === undefined ? [] : [MoreThanOrEqual(new Date(from))]),
    ...(to === undefined ? [] : [LessThan(new Date(to))]),
  ];
  return bounds.length > 0 ? { createdAt: And(...bounds) } : {};
}
