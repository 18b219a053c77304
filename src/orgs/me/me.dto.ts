import { ApiProperty } from '@nestjs/swagger';
import { PERMISSIONS, ROLES, type Permission, type Role } from '../../auth/callers/permissions.js';
import { TEAM_ROLES, type TeamRole } from '../teams/team-members.dto.js';

export class MyUser {
  /** Your user id. */
  id: string;

  /** Your e-mail address. */
  email: string;

  /** Your name. */
  name: string;
}

export class MyOrganization {
  /** Id of your organization. */
  id: string;

  /** Name of the organization. */
  name: string;

  /** Short name of the organization. */
  slug: string;
}

export class MyCustomRole {
  /** Id of the role. */
  id: string;

  /** Name of the role. */
  name: string;
}

export class MyTeam {
  /** Id of the team. */
  id: string;

  /** Your role in the team. */
  @ApiProperty({ enum: TEAM_ROLES })
  role: TeamRole;
}

export class MeView {
  /** You. */
  user: MyUser;

  /** Your organization. */
  organization: MyOrganization;

  /** What you may do in the admin API, as one role name. With a custom role: `member`. */
  @ApiProperty({ enum: ROLES })
  role: Role;

  /** Your custom role, which applies in place of `role`; null: `role` applies. */
  customRole: MyCustomRole | null;

  /** Your permissions in the admin API. The credential's scopes may allow less. */
  @ApiProperty({ enum: Object.keys(PERMISSIONS), isArray: true })
  permissions: Permission[];

  /** Your teams, in the order of joining. */
  teams: MyTeam[];

  /** Ids of the providers that your calls have a key for. */
  reachableProviders: string[];
}
