import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import { notFound } from '../../admin-api/refusals.js';
import type { Actor } from '../../auth/callers/actor.js';
import { CustomRoleEntity } from '../users/custom-role.entity.js';
import { toRoleView, type RoleView } from './roles.dto.js';

/** Reads the custom roles of an organization. */
@Injectable()
export class RolesReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  list({ caller }: Actor, query: PageQuery): Promise<Page<RoleView>> {
    const { organizationId } = caller;
    const roles = this.dataSource.manager
      .createQueryBuilder(CustomRoleEntity, 'r')
      .where({ organizationId })
      .orderBy('r.id');
    return listPage(roles, query, { searchIn: ['r.name'], toViews: (rows) => rows.map(toRoleView) });
  }

  async get(actor: Actor, id: string): Promise<RoleView> {
    return toRoleView(await loadRole(this.dataSource.manager, actor, id));
  }
}

/** Returns the row. Throws `not_found` when the actor's organization has none with this id. */
export async function loadRole(manager: EntityManager, { caller }: Actor, id: string): Promise<CustomRoleEntity> {
  const row = await manager.findOneBy(CustomRoleEntity, { id, organizationId: caller.organizationId });
  if (!row) throw notFound('custom role', id);
  return row;
}
