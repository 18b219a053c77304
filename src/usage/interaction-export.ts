/** Exports of records. That one was begun, and by which filters, is audited before its first line is sent. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../auth/actor.js';
import { AuditLog } from '../audit/audit-log.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import type { ExportInteractionsQuery } from './interactions.dto.js';
import { InteractionsReader } from './interactions.reader.js';

@Injectable()
export class InteractionExport {
  constructor(
    private readonly reader: InteractionsReader,
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  /** Lines of JSON in the order of the list. No more is read than is taken; ending it early ends the reading. */
  async start(actor: Actor, filters: ExportInteractionsQuery): Promise<AsyncGenerator<string, void>> {
    await this.work.run(({ manager }) =>
      this.audit.record(manager, actor, {
        action: 'interaction.export',
        targetType: 'interaction',
        targetId: null,
        after: { ...filters },
      }),
    );
    return this.reader.lines(actor.caller, filters);
  }
}
