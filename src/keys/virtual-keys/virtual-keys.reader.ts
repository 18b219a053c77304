import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { notFound } from '../../admin-api/refusals.js';
import { Clock } from '../../platform/time/clock.js';
import { listPage } from '../../admin-api/list-page.js';
import type { Page } from '../../admin-api/page.js';
import { maySee } from '../ownership/key-access.policy.js';
import { KeyActorReader, type KeyActor } from '../ownership/key-actor.reader.js';
import { KeyBindingStore } from '../key-bindings/key-binding.store.js';
import { VirtualKeyEntity } from './virtual-key.entity.js';
import { toVirtualKeyView, type ListVirtualKeysQuery, type VirtualKeyView } from './virtual-keys.dto.js';
import { buildVisibilityFilter } from '../ownership/visibility.js';

@Injectable()
export class VirtualKeysReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly actors: KeyActorReader,
    private readonly bindings: KeyBindingStore,
    private readonly clock: Clock,
  ) {}

  /** Returns the keys that the caller may see: own, own teams', the organization's; with `any_key:write` all. */
  async list(actor: Actor, query: ListVirtualKeysQuery): Promise<Page<VirtualKeyView>> {
    const keyActor = await this.actors.get(actor);
    const keys = this.dataSource.manager
      .createQueryBuilder(VirtualKeyEntity, 'k')
      .where('k.organizationId = :organizationId', { organizationId: keyActor.organizationId });
    if (!keyActor.permissions.has('any_key:write')) keys.andWhere(buildVisibilityFilter(keyActor, 'k'));
    if (query.scope) keys.andWhere('k.scope = :scope', { scope: query.scope });
    if (query.keyType) keys.andWhere('k.keyType = :keyType', { keyType: query.keyType });
    if (query.ownerId) keys.andWhere('k.ownerId = :ownerId', { ownerId: query.ownerId });
    return listPage(keys.orderBy('k.id', 'DESC'), query, {
      searchIn: ['k.name'],
      toViews: (rows) => this.#loadViews(rows),
    });
  }

  async get(actor: Actor, id: string): Promise<VirtualKeyView> {
    const row = await loadVirtualKey(this.dataSource.manager, await this.actors.get(actor), id);
    const [view] = await this.#loadViews([row]);
    return view!;
  }

  async #loadViews(rows: readonly VirtualKeyEntity[]): Promise<VirtualKeyView[]> {
    const ids = rows.map((row) => row.id);
    const bound = await this.bindings.listByHolder(this.dataSource.manager, 'virtual-key', ids);
    const now = this.clock.now();
    return rows.map((row) => toVirtualKeyView(row, bound.get(row.id) ?? [], now));
  }
}

/**
 * Returns the row, or 404 when the organization has none by this id or the actor may not see it. `lock`: until the
 * transaction ends.
 */
export async function loadVirtualKey(
  manager: EntityManager,
  actor: KeyActor,
  id: string,
  lock = false,
): Promise<VirtualKeyEntity> {
  const row = await manager.findOne(VirtualKeyEntity, {
    where: { id, organizationId: actor.organizationId },
    ...(lock ? { lock: { mode: 'pessimistic_write' } } : {}),
  });
  if (!row || !maySee(actor, row)) throw notFound('virtual key', id);
  return row;
}
