import { IsId, OneLine } from '../orgs/field-rules.js';
import type { TeamExternalGroupEntity } from './team-external-group.entity.js';

/** A group of an identity provider whose members are to be members of the team. */
export class CreateTeamExternalGroupBody {
  /** The identity provider. */
  @IsId()
  identityProviderId: string;

  /** The group, as the provider's tokens have it: a name, a path, or an id. */
  @OneLine(500)
  groupName: string;
}

export class TeamExternalGroupView {
  /** Id of the entry. */
  id: string;
  /** The team. */
  teamId: string;
  /** The identity provider. */
  identityProviderId: string;
  /** The group, as the provider's tokens have it. */
  groupName: string;
  /** When the entry was made. */
  createdAt: Date;
}

export const toTeamExternalGroupView = (row: TeamExternalGroupEntity): TeamExternalGroupView => ({ ...row });
