/**
 * Reads the stored keys that a user may use, best first: by the organization's order of scopes, then primary, then
 * oldest.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ProviderKeyId, TeamId, UserId } from '../../platform/ids.js';

export type KeyScope = 'personal' | 'team' | 'org';

export interface MemberKey {
  id: ProviderKeyId;
  provider: string;
  scope: KeyScope;
  teamId: TeamId | null;
}

/** SQL: best first. Uses `o` (the organization), `m` (membership of the key's team) and `k` (the key). */
export const RESOLUTION_ORDER =
  'array_position(o.key_resolution_order, k.scope), m.joined_at, k.team_id, k.is_primary DESC, k.created_at, k.id';

const QUERY = `
  SELECT k.id, k.provider, k.scope, k.team_id AS "teamId"
    FROM app_user u
    JOIN organization o ON o.id = u.organization_id
    JOIN provider_key k ON k.organization_id = u.organization_id
    LEFT JOIN team_member m ON m.team_id = k.team_id AND m.user_id = u.id
   WHERE u.id = $1 AND NOT u.is_disabled
     AND ((k.scope = 'personal' AND k.owner_id = u.id)
       OR (k.scope = 'team' AND m.user_id IS NOT NULL AND ($2::uuid IS NULL OR k.team_id = $2::uuid))
       OR k.scope = 'org')
     AND k.scope = ANY (o.key_resolution_order)
   ORDER BY ${RESOLUTION_ORDER}`;

@Injectable()
export class MemberKeysReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Returns the keys of all providers that the user may use. `teamId` excludes other teams' keys. */
  listByUser(userId: UserId, teamId: TeamId | null): Promise<MemberKey[]> {
    return this.dataSource.query<MemberKey[]>(QUERY, [userId, teamId]);
  }
}
