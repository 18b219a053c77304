/**
 * Checks that all references of a holder of provider keys (a virtual key, an application) are to its own organization.
 */
import type { EntityManager } from 'typeorm';
import { unknownReference, validationError } from '../../admin-api/refusals.js';
import type { KeyActor } from './key-actor.reader.js';

const TABLE_LABELS = { team: 'team', app_user: 'user', llm_proxy: 'LLM proxy' } as const;

/**
 * Throws `validation_failed`, naming each id that the organization does not have. Locks rows that are referenced by
 * foreign key or in a list (`FOR KEY SHARE`), so that they cannot be deleted before the transaction ends.
 *
 * @param pointer of the field; one that ends in `Id` holds a single id, any other a list
 */
export async function requireReferences(
  manager: EntityManager,
  table: keyof typeof TABLE_LABELS,
  actor: KeyActor,
  ids: readonly string[],
  pointer: string,
  lock: 'FOR KEY SHARE' | '',
): Promise<void> {
  if (ids.length === 0) return;
  const found = await manager.query<{ id: string }[]>(
    `SELECT id FROM ${table} WHERE organization_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id ${lock}`,
    [actor.organizationId, ids],
  );
  const known = new Set(found.map((row) => row.id));
  const isSingle = pointer.endsWith('Id');
  const missing = ids.flatMap((id, i) => (known.has(id) ? [] : [isSingle ? pointer : `${pointer}/${i}`]));
  if (missing.length > 0) throw unknownReference(TABLE_LABELS[table], missing);
}

/** Checks that scope `team` has teams, and that no other scope has. Throws `validation_failed`. */
export function checkTeamCount(kind: 'key' | 'client', scope: string, teamIds: readonly string[]): void {
  if (scope === 'team' && teamIds.length === 0)
    throw validationError({ pointer: '/teamIds', detail: `A ${kind} of scope team needs at least one team.` });
  if (scope !== 'team' && teamIds.length > 0)
    throw validationError({ pointer: '/teamIds', detail: `Only a ${kind} of scope team has teams.` });
}
