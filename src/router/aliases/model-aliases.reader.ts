import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { notFound } from '../../admin-api/refusals.js';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import { ModelAliasEntity } from './model-alias.entity.js';
import { toModelAliasView, type ModelAliasView } from './model-aliases.dto.js';

/** Reads the aliases for admins. */
@Injectable()
export class ModelAliasesReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Lists the aliases, ordered by name. */
  list({ caller }: Actor, query: PageQuery): Promise<Page<ModelAliasView>> {
    const { organizationId } = caller;
    const aliases = this.dataSource.manager
      .createQueryBuilder(ModelAliasEntity, 'a')
      .where({ organizationId })
      .orderBy('a.name');
    return listPage(aliases, query, { searchIn: ['a.name'], toViews: (rows) => rows.map(toModelAliasView) });
  }

  async get(actor: Actor, id: string): Promise<ModelAliasView> {
    return toModelAliasView(await loadModelAlias(this.dataSource.manager, actor, id));
  }
}

/**
 * Returns the row. Throws 404 when the actor's organization has no alias with this id. `lock` locks the row until the
 * transaction ends.
 */
export async function loadModelAlias(
  manager: EntityManager,
  { caller }: Actor,
  id: string,
  lock = false,
): Promise<ModelAliasEntity> {
  const row = await manager.findOne(ModelAliasEntity, {
    where: { id, organizationId: caller.organizationId },
    ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}),
  });
  if (!row) throw notFound('model alias', id);
  return row;
}
