/**
 * Reads for other modules who a user is, their organization, teams and permissions. Reads the database; callers cache.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Role } from '../../auth/callers/permissions.js';
import type { OrgId, TeamId, UserId } from '../../platform/ids.js';

export interface Membership {
  userId: UserId;
  organizationId: OrgId;
  email: string;
  name: string;
  role: Role;
  /** Applies in place of `role`. */
  customRole: { id: string; name: string } | null;
  isDisabled: boolean;
  /** In the order of joining. */
  teams: readonly { id: TeamId; role: 'admin' | 'member' }[];
}

interface MembershipRow {
  id: UserId;
  organization_id: OrgId;
  email: string;
  name: string;
  role: Role;
  custom_role: { id: string; name: string } | null;
  is_disabled: boolean;
  teams: { id: TeamId; role: 'admin' | 'member' }[] | null;
}

@Injectable()
export class MembershipReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Returns null for an unknown user. A disabled user is returned, as disabled. */
  async findByUser(userId: UserId): Promise<Membership | null> {
    const [row] = await this.dataSource.query<MembershipRow[]>(
      `SELECT u.id, u.organization_id, u.email, u.name, u.role, u.is_disabled,
              (SELECT json_build_object('id', r.id, 'name', r.name) FROM custom_role r WHERE r.id = u.custom_role_id) AS custom_role,
              (SELECT json_agg(json_build_object('id', m.team_id, 'role', m.role) ORDER BY m.joined_at, m.team_id)
                 FROM team_member m WHERE m.user_id = u.id) AS teams
         FROM app_user u WHERE u.id = $1`,
      [userId],
    );
    if (!row) return null;
    return {
      userId: row.id,
      organizationId: row.organization_id,
      email: row.email,
      name: row.name,
      role: row.role,
      customRole: row.custom_role,
      isDisabled: row.is_disabled,
      teams: row.teams ?? [],
    };
  }
}
