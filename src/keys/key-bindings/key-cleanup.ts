/**
 * Removes the keys of a user or team that is deleted. The database's cascade invalidates no cache; this class announces
 * the changes, deletes the holders' mappings, and revokes a team's virtual key that has no team left.
 */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { DeletionHooks, type DeletedOwner } from '../../orgs/lifecycle/deletion-hooks.js';
import { Clock } from '../../platform/time/clock.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { OrgId } from '../../platform/ids.js';
import { KeyUnmappingService } from './key-unmapping.service.js';
import { removeTeam, unbindOwnedBy } from './deleted-owner.js';
import { clearPayer } from './payer-team.js';

@Injectable()
export class KeyCleanup {
  constructor(
    deletionHooks: DeletionHooks,
    private readonly unmapping: KeyUnmappingService,
    private readonly clock: Clock,
  ) {
    deletionHooks.listen((work, owner) => this.#cleanUp(work, owner));
  }

  async #cleanUp(work: Work, deletedOwner: DeletedOwner): Promise<void> {
    const { manager } = work;
    const virtualKeyIds =
      deletedOwner.type === 'user'
        ? await unbindOwnedBy(manager, 'virtual-key', deletedOwner.id)
        : await this.#removeTeam(manager, deletedOwner);
    for (const id of virtualKeyIds) work.announce({ tag: authTag.virtualKey(id), effect: 'revoked' });
    const owner = deletedOwner.type === 'user' ? 'owner_id' : 'team_id';
    const providerKeys = await manager.query<{ id: string }[]>(`SELECT id FROM provider_key WHERE ${owner} = $1`, [
      deletedOwner.id,
    ]);
    // A personal key serves only its owner's holders, which are deleted as well.
    if (deletedOwner.type === 'team') {
      const ids = providerKeys.map(({ id }) => id);
      await this.unmapping.unmap(work, deletedOwner.organizationId as OrgId, ids);
    }
    for (const { id } of providerKeys) work.announce({ tag: authTag.providerKey(id), effect: 'changed' });
    work.announce({ tag: authTag.providerKeysOf(deletedOwner.id), effect: 'changed' });
  }

  async #removeTeam(manager: EntityManager, team: DeletedOwner): Promise<string[]> {
    const now = new Date(this.clock.now());
    const affected = await removeTeam(manager, 'virtual-key', team, now);
    await manager.query(
      'UPDATE virtual_key SET revoked_at = $2::timestamptz WHERE id = ANY ($1::uuid[]) AND revoked_at IS NULL',
      [affected.filter((key) => key.isOrphaned).map((key) => key.id), now],
    );
    return [...affected.map((key) => key.id), ...(await clearPayer(manager, 'virtual-key', team, now))];
  }
}
