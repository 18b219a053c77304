/**
 * Removes the keys of a user or team that is deleted. The database's cascade invalidates no cache; this class announces
 * the changes, deletes the holders' mappings, and revokes a team's virtual key that has no team left.
 */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { Departures, type Departing } from '../../orgs/lifecycle/deletion-hooks.js';
import { Clock } from '../../platform/time/clock.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import type { OrgId } from '../../platform/ids.js';
import { EndedMappings } from './key-unmapping.service.js';
import { takeTeamOut, unbindOwnedBy } from './deleted-owner.js';
import { endPayer } from './payer-team.js';

@Injectable()
export class KeyDepartures {
  constructor(
    departures: Departures,
    private readonly mappings: EndedMappings,
    private readonly clock: Clock,
  ) {
    departures.listen((work, departing) => this.#takeBack(work, departing));
  }

  async #takeBack(work: Work, departing: Departing): Promise<void> {
    const { manager } = work;
    const virtualKeyIds =
      departing.type === 'user'
        ? await unbindOwnedBy(manager, 'virtual-key', departing.id)
        : await this.#leftBy(manager, departing);
    for (const id of virtualKeyIds) work.announce({ tag: authTag.virtualKey(id), effect: 'revoked' });
    const owner = departing.type === 'user' ? 'owner_id' : 'team_id';
    const providerKeys = await manager.query<{ id: string }[]>(`SELECT id FROM provider_key WHERE ${owner} = $1`, [
      departing.id,
    ]);
    // A personal key serves only its owner's holders, which are deleted as well.
    if (departing.type === 'team') {
      const ids = providerKeys.map(({ id }) => id);
      await this.mappings.end(work, departing.organisationId as OrgId, ids);
    }
    for (const { id } of providerKeys) work.announce({ tag: authTag.providerKey(id), effect: 'changed' });
    work.announce({ tag: authTag.providerKeysOf(departing.id), effect: 'changed' });
  }

  async #leftBy(manager: EntityManager, departing: Departing): Promise<string[]> {
    const now = new Date(this.clock.now());
    const left = await takeTeamOut(manager, 'virtual-key', departing, now);
    await manager.query(
      'UPDATE virtual_key SET revoked_at = $2::timestamptz WHERE id = ANY ($1::uuid[]) AND revoked_at IS NULL',
      [left.filter((key) => key.isOrphaned).map((key) => key.id), now],
    );
    return [...left.map((key) => key.id), ...(await endPayer(manager, 'virtual-key', departing, now))];
  }
}
