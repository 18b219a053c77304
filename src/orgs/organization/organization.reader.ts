import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { notFound } from '../../admin-api/refusals.js';
import type { Actor } from '../../auth/callers/actor.js';
import { toOrganizationView, type OrganizationView } from './organization.dto.js';
import { OrganizationEntity } from './organization.entity.js';

/** Reads the caller's own organization. */
@Injectable()
export class OrganizationReader {
  constructor(private readonly dataSource: DataSource) {}

  async get(actor: Actor): Promise<OrganizationView> {
    return toOrganizationView(await loadOrganization(this.dataSource.manager, actor));
  }
}

/** Returns the row. Throws `not_found` when the organization no longer exists. */
export async function loadOrganization(manager: EntityManager, { caller }: Actor): Promise<OrganizationEntity> {
  const row = await manager.findOneBy(OrganizationEntity, { id: caller.organizationId });
  if (!row) throw notFound('organization', caller.organizationId);
  return row;
}
