import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { OrganizationEntity } from './organization.entity.js';
import { lockOrganization } from './lock.js';
import { toOrganizationView, type UpdateOrganizationBody } from './organization.dto.js';
import { notFound } from '../../admin-api/refusals.js';
import { rejectDuplicates } from './unique-fields.js';

/** The caller's own organization. */
@Injectable()
export class OrganizationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  get({ caller }: Actor): Promise<OrganizationEntity> {
    return load(this.dataSource.manager, caller.organizationId);
  }

  /** Throws `conflict` for a slug that is taken. */
  update(actor: Actor, body: UpdateOrganizationBody): Promise<OrganizationEntity> {
    const id = actor.caller.organizationId;
    const write = this.unitOfWork.run(async (work) => {
      const { manager } = work;
      await lockOrganization(manager, id);
      const organization = await load(manager, id);
      const before = toOrganizationView(organization);
      Object.assign(organization, body, { updatedAt: new Date(this.clock.now()) });
      await manager.update(OrganizationEntity, { id }, organization);
      const after = toOrganizationView(organization);
      await this.audit.record(manager, actor, {
        action: 'organization.update',
        targetType: 'organization',
        targetId: id,
        before,
        after,
      });
      work.announce({ tag: authTag.organization(id), effect: 'changed' });
      return organization;
    });
    return rejectDuplicates(write);
  }
}

async function load(manager: EntityManager, id: string): Promise<OrganizationEntity> {
  const organization = await manager.findOneBy(OrganizationEntity, { id });
  if (!organization) throw notFound('organization', id);
  return organization;
}
