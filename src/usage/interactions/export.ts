/** Exports records. The start of an export and its filters are audited before the first line is sent. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import type { ExportInteractionsQuery } from './interactions.dto.js';
import { InteractionsReader } from './interactions.reader.js';

@Injectable()
export class InteractionExport {
  constructor(
    private readonly reader: InteractionsReader,
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Yields lines of JSON in the order of the list. Reads only what is consumed; ending the iteration ends the reading.
   */
  async start(actor: Actor, filters: ExportInteractionsQuery): Promise<AsyncGenerator<string, void>> {
    await this.work.run(({ manager }) =>
      this.audit.record(manager, actor, buildAuditEvent('interaction', 'export', null, { after: { ...filters } })),
    );
    return this.reader.exportLines(actor, filters);
  }
}
