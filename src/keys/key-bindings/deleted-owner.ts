/** Updates the holders of provider keys (virtual keys, applications) when a user or a team is deleted. */
import type { EntityManager } from 'typeorm';
import type { DeletedOwner } from '../../orgs/lifecycle/deletion-hooks.js';
import type { HolderType } from './key-binding.store.js';

export const HOLDER_TABLES: Readonly<Record<HolderType, string>> = {
  'virtual-key': 'virtual_key',
  'oauth-client': 'oauth_client',
};

/**
 * Returns the ids of the user's holders, which the database is about to delete. Deletes their mappings, which have no
 * foreign key.
 */
export async function unbindOwnedBy(manager: EntityManager, type: HolderType, userId: string): Promise<string[]> {
  const holders = await manager.query<{ id: string }[]>(`SELECT id FROM ${HOLDER_TABLES[type]} WHERE owner_id = $1`, [
    userId,
  ]);
  const ids = holders.map((holder) => holder.id);
  await manager.query('DELETE FROM key_binding WHERE holder_type = $1 AND holder_id = ANY ($2::uuid[])', [type, ids]);
  return ids;
}

export interface AffectedHolder {
  id: string;
  /** It was the last team. */
  isOrphaned: boolean;
}

/** Removes the team from its holders, and returns them, with those that have no team left marked. */
export function removeTeam(
  manager: EntityManager,
  type: HolderType,
  { id, organizationId }: DeletedOwner,
  at: Date,
): Promise<AffectedHolder[]> {
  return manager.query<AffectedHolder[]>(
    `WITH left_behind AS (
       UPDATE ${HOLDER_TABLES[type]} SET team_ids = array_remove(team_ids, $2), updated_at = $3::timestamptz
        WHERE organization_id = $1 AND scope = 'team' AND $2 = ANY (team_ids)
       RETURNING id, team_ids)
     SELECT id, cardinality(team_ids) = 0 AS "isOrphaned" FROM left_behind`,
    [organizationId, id, at],
  );
}
