import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { OrganizationEntity } from './organization.entity.js';
import { lockOrganization } from './lock.js';
import { toOrganizationView, type OrganizationView, type UpdateOrganizationBody } from './organization.dto.js';
import { loadOrganization } from './organization.reader.js';
import { rejectDuplicates } from './unique-fields.js';

/** The caller's own organization. */
@Injectable()
export class OrganizationService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Throws `conflict` for a slug that is taken. */
  update(actor: Actor, body: UpdateOrganizationBody): Promise<OrganizationView> {
    const id = actor.caller.organizationId;
    const write = this.unitOfWork.run(async (work) => {
      const { manager } = work;
      await lockOrganization(manager, id);
      const organization = await loadOrganization(manager, actor);
      const before = toOrganizationView(organization);
      Object.assign(organization, body, { updatedAt: new Date(this.clock.now()) });
      await manager.update(OrganizationEntity, { id }, organization);
      const after = toOrganizationView(organization);
      await this.audit.record(manager, actor, buildAuditEvent('organization', 'update', id, { before, after }));
      work.announce({ tag: authTag.organization(id), effect: 'changed' });
      return after;
    });
    return rejectDuplicates(write);
  }
}
