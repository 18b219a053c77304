import { Injectable } from '@nestjs/common';
import { Brackets, DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { notFound } from '../../admin-api/refusals.js';
import { listPage } from '../../admin-api/list-page.js';
import type { Page } from '../../admin-api/page.js';
import { maySee, type OwnedKey } from '../ownership/key-access.policy.js';
import { KeyActorReader, type KeyActor } from '../ownership/key-actor.reader.js';
import { toProviderKeyView, type ListProviderKeysQuery, type ProviderKeyView } from './provider-keys.dto.js';
import { ProviderKeyEntity } from '../credentials/provider-key.entity.js';

type Query = SelectQueryBuilder<ProviderKeyEntity>;

@Injectable()
export class ProviderKeysReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly actors: KeyActorReader,
  ) {}

  /** Returns the keys that the caller may see. */
  async list(actor: Actor, query: ListProviderKeysQuery): Promise<Page<ProviderKeyView>> {
    const keyActor = await this.actors.get(actor);
    return this.#listPage(keyActor, query, (keys) => {
      if (keyActor.permissions.has('any_key:write')) return;
      keys.andWhere(buildVisibilityFilter(keyActor, keyActor.permissions.has('team_key:write')));
    });
  }

  /** Returns the keys that the caller may use or map: own personal ones, those of own teams, the organization's. */
  async listAvailable(actor: Actor, query: ListProviderKeysQuery): Promise<Page<ProviderKeyView>> {
    const keyActor = await this.actors.get(actor);
    return this.#listPage(keyActor, query, (keys) => void keys.andWhere(buildVisibilityFilter(keyActor, false)));
  }

  async get(actor: Actor, id: string): Promise<ProviderKeyView> {
    return toProviderKeyView(await loadProviderKey(this.dataSource.manager, await this.actors.get(actor), id));
  }

  #listPage(
    actor: KeyActor,
    query: ListProviderKeysQuery,
    narrow: (keys: Query) => void,
  ): Promise<Page<ProviderKeyView>> {
    const keys = this.dataSource.manager
      .createQueryBuilder(ProviderKeyEntity, 'k')
      .where('k.organizationId = :organizationId', { organizationId: actor.organizationId });
    narrow(keys);
    if (query.provider) keys.andWhere('k.provider = :provider', { provider: query.provider });
    if (query.scope) keys.andWhere('k.scope = :scope', { scope: query.scope });
    return listPage(keys.orderBy('k.id', 'DESC'), query, {
      searchIn: ['k.name'],
      toViews: (rows) => rows.map(toProviderKeyView),
    });
  }
}

/** The same rule as `maySee`, as SQL. */
function buildVisibilityFilter(actor: KeyActor, includesAllTeams: boolean): Brackets {
  return new Brackets((query) => {
    query
      .where("k.scope = 'org'")
      .orWhere("(k.scope = 'personal' AND k.ownerId = :userId)", { userId: actor.userId })
      .orWhere("(k.scope = 'team' AND (:everyTeam OR k.teamId = ANY(:teamIds::uuid[])))", {
        everyTeam: includesAllTeams,
        teamIds: [...actor.teams.keys()],
      });
  });
}

export const toOwnedKey = (row: Pick<ProviderKeyEntity, 'scope' | 'ownerId' | 'teamId'>): OwnedKey => ({
  scope: row.scope,
  ownerId: row.ownerId,
  teamIds: row.teamId === null ? [] : [row.teamId],
});

/**
 * Returns the row, or 404 when the organization has none by this id or the actor may not see it. `lock`: until the
 * transaction ends.
 */
export async function loadProviderKey(
  manager: EntityManager,
  actor: KeyActor,
  id: string,
  lock = false,
): Promise<ProviderKeyEntity> {
  const row = await manager.findOne(ProviderKeyEntity, {
    where: { id, organizationId: actor.organizationId },
    ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}),
  });
  if (!row || !maySee(actor, toOwnedKey(row))) throw notFound('provider key', id);
  return row;
}
