import { Injectable } from '@nestjs/common';
import { DataSource, ILike, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { notFound } from '../../admin-api/refusals.js';
import { toLikePattern, toPage, type Page, type PageQuery } from '../../admin-api/page.js';
import { toIdentityProviderView, type IdentityProviderView } from '../settings/identity-provider-view.dto.js';
import { IdentityProviderEntity } from '../settings/identity-provider.entity.js';

@Injectable()
export class IdentityProvidersReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  async list({ caller }: Actor, query: PageQuery): Promise<Page<IdentityProviderView>> {
    const own = { organizationId: caller.organizationId };
    const pattern = query.search === undefined ? null : ILike(toLikePattern(query.search));
    const [rows, total] = await this.dataSource.manager.findAndCount(IdentityProviderEntity, {
      where: pattern
        ? [
            { ...own, name: pattern },
            { ...own, providerId: pattern },
            { ...own, issuer: pattern },
          ]
        : own,
      order: { id: 'ASC' },
      skip: query.offset,
      take: query.limit,
    });
    return toPage(rows.map(toIdentityProviderView), total, query);
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
