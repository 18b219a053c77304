/**
 * The payer team: calls with a virtual key or through an application count for it, in place of the teams of the users.
 */
import type { EntityManager } from 'typeorm';
import type { DeletedOwner } from '../../orgs/lifecycle/deletion-hooks.js';
import { denied } from '../../admin-api/refusals.js';
import { HOLDER_TABLES } from './deleted-owner.js';
import { requireReferences } from '../ownership/reference-checks.js';
import type { KeyActor } from '../ownership/key-actor.reader.js';
import type { HolderType } from './key-binding.store.js';

type Payer = string | null;

/**
 * Requires the right to spend for both the previous and the new payer. Throws `permission_denied`, and
 * `validation_failed` for a team of another organization.
 */
export async function checkPayer(manager: EntityManager, actor: KeyActor, before: Payer, after: Payer): Promise<void> {
  if (before === after) return;
  await requireReferences(manager, 'team', actor, after === null ? [] : [after], '/payerTeamId', 'FOR KEY SHARE');
  const teams = [before, after].filter((team) => team !== null);
  if (actor.permissions.has('team_key:write') || teams.every((team) => actor.teams.get(team) === 'admin')) return;
  throw denied(
    'To set or remove the team that pays, you need the permission team_key:write, or to be an admin of that team.',
  );
}

/**
 * Returns the ids of the holders that a team, which is about to be deleted, paid for: they count for their users' teams
 * again.
 */
export async function clearPayer(
  manager: EntityManager,
  type: HolderType,
  team: DeletedOwner,
  at: Date,
): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `WITH paid_for AS (
       UPDATE ${HOLDER_TABLES[type]} SET payer_team_id = NULL, updated_at = $3::timestamptz
        WHERE organization_id = $1 AND payer_team_id = $2 RETURNING id)
     SELECT id FROM paid_for`,
    [team.organizationId, team.id, at],
  );
  return rows.map(({ id }) => id);
}
