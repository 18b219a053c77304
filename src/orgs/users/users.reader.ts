import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import { notFound } from '../../admin-api/refusals.js';
import type { Actor } from '../../auth/callers/actor.js';
import { UserEntity } from './user.entity.js';
import { toUserView, type UserView } from './users.dto.js';

/** Reads the users of an organization. */
@Injectable()
export class UsersReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  list({ caller }: Actor, query: PageQuery): Promise<Page<UserView>> {
    const { organizationId } = caller;
    const users = this.dataSource.manager.createQueryBuilder(UserEntity, 'u').where({ organizationId }).orderBy('u.id');
    return listPage(users, query, { searchIn: ['u.email', 'u.name'], toViews: (rows) => rows.map(toUserView) });
  }

  async get(actor: Actor, id: string): Promise<UserView> {
    return toUserView(await loadUser(this.dataSource.manager, actor, id));
  }
}

/** Returns the row. Throws `not_found` when the actor's organization has none with this id. */
export async function loadUser(manager: EntityManager, { caller }: Actor, id: string): Promise<UserEntity> {
  const row = await manager.findOneBy(UserEntity, { id, organizationId: caller.organizationId });
  if (!row) throw notFound('user', id);
  return row;
}
