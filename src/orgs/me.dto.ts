import { ApiProperty } from '@nestjs/swagger';
import { PERMISSIONS, ROLES, type Permission, type Role } from '../auth/permissions.js';
import { TEAM_ROLES, type TeamRole } from './team-members.dto.js';

export class MyUser {
  /** Your user id. */
  id: string;

  /** Your e-mail address. */
  email: string;

  /** Your name. */
  name: string;
}

export class MyOrganization {
  /** Id of your organisation. */
  id: string;

  /** Its name. */
  name: string;

  /** Its short name. */
  slug: string;
}

export class MyCustomRole {
  /** Id of the role. */
  id: string;

  /** Its name. */
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

  /** Your organisation. */
  organization: MyOrganization;

  /** What you may do in the admin API, as one word. With a custom role: `member`. */
  @ApiProperty({ enum: ROLES })
  role: Role;

  /** Your custom role, which says what you may do in place of `role`; null: `role` says it. */
  customRole: MyCustomRole | null;

  /** What you may do in the admin API, one by one. The credential's scopes may allow less. */
  @ApiProperty({ enum: Object.keys(PERMISSIONS), isArray: true })
  permissions: Permission[];

  /** Your teams, in the order of joining. */
  teams: MyTeam[];

  /** Ids of the providers that your calls have a key for. */
  reachableProviders: string[];
}
