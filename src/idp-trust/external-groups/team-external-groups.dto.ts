import { IsId, OneLine } from '../../admin-api/field-rules.js';
import type { TeamExternalGroupEntity } from './team-external-group.entity.js';

/** A group of an identity provider whose members become members of the team. */
export class CreateTeamExternalGroupBody {
  /** The identity provider. */
  @IsId()
  identityProviderId: string;

  /** The group, as written in the provider's tokens: a name, a path, or an id. */
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
  /** The group, as written in the provider's tokens. */
  groupName: string;
  /** When the entry was created. */
  createdAt: Date;
}

export const toTeamExternalGroupView = (row: TeamExternalGroupEntity): TeamExternalGroupView => ({ ...row });
