/**
 * Takes back the keys of a user or team that is deleted. The database would cascade in silence; here caches are told,
 * mappings go with their holders, and a team's virtual key that has no team left is revoked.
 */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { authTag } from '../auth/caller.js';
import { Departures, type Departing } from '../orgs/departures.js';
import { Clock } from '../platform/clock.js';
import type { Work } from '../platform/database/unit-of-work.js';

@Injectable()
export class KeyDepartures {
  constructor(
    departures: Departures,
    private readonly clock: Clock,
  ) {
    departures.listen((work, departing) => this.#takeBack(work, departing));
  }

  async #takeBack(work: Work, departing: Departing): Promise<void> {
    const { manager } = work;
    const virtualKeyIds =
      departing.type === 'user' ? await ownedBy(manager, departing.id) : await this.#leftBy(manager, departing);
    for (const id of virtualKeyIds) work.announce({ tag: authTag.virtualKey(id), effect: 'revoked' });
    const owner = departing.type === 'user' ? 'owner_id' : 'team_id';
    const providerKeys = await manager.query<{ id: string }[]>(`SELECT id FROM provider_key WHERE ${owner} = $1`, [
      departing.id,
    ]);
    for (const { id } of providerKeys) work.announce({ tag: authTag.providerKey(id), effect: 'changed' });
    work.announce({ tag: authTag.providerKeysOf(departing.id), effect: 'changed' });
  }

  /** Takes the team out of its virtual keys; those without any other are revoked. */
  async #leftBy(manager: EntityManager, { id, organisationId }: Departing): Promise<string[]> {
    const keys = await manager.query<{ id: string }[]>(
      "SELECT id FROM virtual_key WHERE organisation_id = $1 AND scope = 'team' AND $2 = ANY (team_ids)",
      [organisationId, id],
    );
    const ids = keys.map((key) => key.id);
    const now = new Date(this.clock.now());
    await manager.query(
      `UPDATE virtual_key SET team_ids = array_remove(team_ids, $2), updated_at = $3::timestamptz,
              revoked_at = CASE WHEN cardinality(team_ids) = 1 THEN COALESCE(revoked_at, $3::timestamptz) ELSE revoked_at END
        WHERE id = ANY ($1::uuid[])`,
      [ids, id, now],
    );
    return ids;
  }
}

/** The user's virtual keys, which the database is about to delete; their mappings have no foreign key and go here. */
async function ownedBy(manager: EntityManager, userId: string): Promise<string[]> {
  const keys = await manager.query<{ id: string }[]>('SELECT id FROM virtual_key WHERE owner_id = $1', [userId]);
  const ids = keys.map((key) => key.id);
  await manager.query("DELETE FROM key_binding WHERE holder_type = 'virtual-key' AND holder_id = ANY ($1::uuid[])", [
    ids,
  ]);
  return ids;
}
