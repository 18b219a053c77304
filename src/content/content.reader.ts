/** Reads the content of a call. Records the read in the audit log before returning it. */
import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../audit/entries/audit-log.js';
import type { Actor } from '../auth/callers/actor.js';
import { notFound } from '../admin-api/refusals.js';
import { Clock } from '../platform/time/clock.js';
import { SealedBox } from '../platform/crypto/sealed-box.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import type { InteractionContentView } from './content.dto.js';
import { InteractionContentEntity } from './interaction-content.entity.js';
import { openContent } from './capture/sealed-content.js';

@Injectable()
export class ContentReader {
  constructor(
    private readonly work: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly box: SealedBox,
    private readonly clock: Clock,
  ) {}

  /** Throws `not_found` if the content of the call was never stored, or has expired. */
  async read(actor: Actor, interactionId: string): Promise<InteractionContentView> {
    const row = await this.work.run(async ({ manager }) => {
      const found = await manager.findOneBy(InteractionContentEntity, {
        interactionId,
        organizationId: actor.caller.organizationId,
        expiresAt: MoreThan(new Date(this.clock.now())),
      });
      if (!found) throw notFound('content of the interaction', interactionId);
      await this.audit.record(
        manager,
        actor,
        buildAuditEvent('interaction', 'read_content', interactionId, {
          after: { captureContent: found.captureContent },
        }),
      );
      return found;
    });
    const { request, answer } = await openContent(this.box, interactionId, row.sealedContent);
    return {
      interactionId,
      captureContent: row.captureContent as InteractionContentView['captureContent'],
      request,
      answer,
      createdAt: row.createdAt,
      expiresAt: row.expiresAt,
    };
  }
}
