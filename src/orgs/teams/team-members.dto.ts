import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsId, MayBeAbsent } from '../../admin-api/field-rules.js';
import type { TeamMemberEntity } from './team-member.entity.js';
import type { UserEntity } from '../users/user.entity.js';

export const TEAM_ROLES = ['admin', 'member'] as const;
export type TeamRole = (typeof TEAM_ROLES)[number];

export class CreateTeamMemberBody {
  /** The user who joins. */
  @IsId()
  userId: string;

  /** `admin` manages this team's members and keys, `member` uses them. Default: `member`. */
  @MayBeAbsent()
  @IsIn(TEAM_ROLES)
  role?: TeamRole;
}

export class UpdateTeamMemberBody {
  /** `admin` manages this team's members and keys, `member` uses them. */
  @MayBeAbsent()
  @IsIn(TEAM_ROLES)
  role?: TeamRole;
}

export class TeamMemberView {
  /** The user. */
  userId: string;

  /** The user's e-mail address. */
  email: string;

  /** The user's name. */
  name: string;

  /** `admin` manages this team's members and keys, `member` uses them. */
  @ApiProperty({ enum: TEAM_ROLES })
  role: TeamRole;

  /**
   * When the user joined. A user of several teams uses the keys of the one joined first, unless the request names
   * another.
   */
  joinedAt: Date;

  /**
   * The identity provider whose group makes the user a member, for as long as the group does; null: added by a user.
   */
  identityProviderId: string | null;
}

export const toTeamMemberView = (
  member: TeamMemberEntity,
  user: Pick<UserEntity, 'email' | 'name'>,
): TeamMemberView => ({
  userId: member.userId,
  email: user.email,
  name: user.name,
  role: member.role as TeamRole,
  joinedAt: member.joinedAt,
  identityProviderId: member.identityProviderId,
});
