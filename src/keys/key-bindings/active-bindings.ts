import type { HolderType } from './key-binding.store.js';

/**
 * SQL: the bindings of a holder that are in effect, as a JSON object of provider → provider key id, or NULL. `holder`
 * is the alias of its row, which has an owner, a scope and teams. A team's provider key serves a personal holder only
 * as long as its owner is in that team.
 */
export const buildActiveBindingsQuery = (type: HolderType, holder: string): string => `
  (SELECT json_object_agg(b.provider, b.provider_key_id)
     FROM key_binding b JOIN provider_key p ON p.id = b.provider_key_id
    WHERE b.holder_type = '${type}' AND b.holder_id = ${holder}.id
      AND (p.scope <> 'team' OR p.team_id = ANY (${holder}.team_ids) OR EXISTS (
            SELECT 1 FROM team_member m
             WHERE ${holder}.scope = 'personal' AND m.user_id = ${holder}.owner_id AND m.team_id = p.team_id)))`;
