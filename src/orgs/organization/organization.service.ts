import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { OrganisationEntity } from './organization.entity.js';
import { lockOrganisation } from './lock.js';
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

  get({ caller }: Actor): Promise<OrganisationEntity> {
    return load(this.dataSource.manager, caller.organisationId);
  }

  /** Throws `conflict` for a slug that is taken. */
  update(actor: Actor, body: UpdateOrganizationBody): Promise<OrganisationEntity> {
    const id = actor.caller.organisationId;
    const write = this.unitOfWork.run(async (work) => {
      const { manager } = work;
      await lockOrganisation(manager, id);
      const organisation = await load(manager, id);
      const before = toOrganizationView(organisation);
      Object.assign(organisation, body, { updatedAt: new Date(this.clock.now()) });
      await manager.update(OrganisationEntity, { id }, organisation);
      const after = toOrganizationView(organisation);
      await this.audit.record(manager, actor, {
        action: 'organization.update',
        targetType: 'organization',
        targetId: id,
        before,
        after,
      });
      work.announce({ tag: authTag.organisation(id), effect: 'changed' });
      return organisation;
    });
    return rejectDuplicates(write);
  }
}

async function load(manager: EntityManager, id: string): Promise<OrganisationEntity> {
  const organisation = await manager.findOneBy(OrganisationEntity, { id });
  if (!organisation) throw notFound('organisation', id);
  return organisation;
}
