import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { maySee } from '../../keys/ownership/key-access.policy.js';
import { KeyActorReader, type KeyActor } from '../../keys/ownership/key-actor.reader.js';
import { buildVisibilityFilter } from '../../keys/ownership/visibility.js';
import { notFound } from '../../admin-api/refusals.js';
import { listPage } from '../../admin-api/list-page.js';
import type { Page } from '../../admin-api/page.js';
import type { OAuthClientView } from './oauth-client-view.dto.js';
import { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import { OAuthClientViewBuilder } from './view-builder.js';
import type { ListOAuthClientsQuery } from './oauth-clients.dto.js';

@Injectable()
export class OAuthClientsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly actors: KeyActorReader,
    private readonly views: OAuthClientViewBuilder,
  ) {}

  /**
   * Returns the clients that the caller may see: their own, their teams', the organization's; with `any_key:write` all.
   */
  async list(actor: Actor, query: ListOAuthClientsQuery): Promise<Page<OAuthClientView>> {
    const keyActor = await this.actors.get(actor);
    const { manager } = this.dataSource;
    const clients = manager
      .createQueryBuilder(OAuthClientEntity, 'c')
      .where('c.organizationId = :organizationId', { organizationId: keyActor.organizationId });
    if (!keyActor.permissions.has('any_key:write')) clients.andWhere(buildVisibilityFilter(keyActor, 'c'));
    if (query.grantType) clients.andWhere('c.grantType = :grantType', { grantType: query.grantType });
    if (query.scope) clients.andWhere('c.scope = :scope', { scope: query.scope });
    return listPage(clients.orderBy('c.id', 'DESC'), query, {
      searchIn: ['c.name', 'c.clientId'],
      toViews: (rows) => this.views.buildMany(manager, rows),
    });
  }

  async get(actor: Actor, id: string): Promise<OAuthClientView> {
    const { manager } = this.dataSource;
    return this.views.build(manager, await loadOAuthClient(manager, await this.actors.get(actor), id));
  }
}

/**
 * Returns the row, or throws a 404 when the organization has none with this id or the actor may not see it. `lock`:
 * until the transaction ends.
 */
export async function loadOAuthClient(
  manager: EntityManager,
  actor: KeyActor,
  id: string,
  lock = false,
): Promise<OAuthClientEntity> {
  const row = await manager.findOne(OAuthClientEntity, {
    where: { id, organizationId: actor.organizationId },
    ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}),
  });
  if (!row || !maySee(actor, row)) throw notFound('OAuth client', id);
  return row;
}
