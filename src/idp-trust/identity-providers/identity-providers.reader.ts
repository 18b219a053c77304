import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { notFound } from '../../admin-api/refusals.js';
import { listPage } from '../../admin-api/list-page.js';
import type { Page, PageQuery } from '../../admin-api/page.js';
import { toIdentityProviderView, type IdentityProviderView } from '../settings/identity-provider-view.dto.js';
import { IdentityProviderEntity } from '../settings/identity-provider.entity.js';

@Injectable()
export class IdentityProvidersReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  list({ caller }: Actor, query: PageQuery): Promise<Page<IdentityProviderView>> {
    const { organizationId } = caller;
    const providers = this.dataSource.manager
      .createQueryBuilder(IdentityProviderEntity, 'p')
      .where({ organizationId })
      .orderBy('p.id');
    return listPage(providers, query, {
      searchIn: ['p.name', 'p.providerId', 'p.issuer'],
      toViews: (rows) => rows.map(toIdentityProviderView),
    });
  }

  async get(actor: Actor, id: string): Promise<IdentityProviderView> {
    return toIdentityProviderView(await loadIdentityProvider(this.dataSource.manager, actor, id));
  }
}

/** Returns the row. Throws `not_found` (404) when the actor's organization has none with this id. */
export async function loadIdentityProvider(
  manager: EntityManager,
  { caller }: Actor,
  id: string,
): Promise<IdentityProviderEntity> {
  const row = await manager.findOneBy(IdentityProviderEntity, { id, organizationId: caller.organizationId });
  if (!row) throw notFound('identity provider', id);
  return row;
}
