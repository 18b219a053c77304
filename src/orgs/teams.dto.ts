import { PartialType } from '@nestjs/swagger';
import { OneLine } from './field-rules.js';
import type { TeamEntity } from './team.entity.js';

export class CreateTeamBody {
  /** Name of the team, unique in the organisation. */
  @OneLine(100)
  name: string;
}

export class UpdateTeamBody extends PartialType(CreateTeamBody, { skipNullProperties: false }) {}

export class TeamView {
  /** Id of the team. */
  id: string;

  /** Name of the team, unique in the organisation. */
  name: string;

  /** When the team was made. */
  createdAt: Date;

  /** When the team was last changed. */
  updatedAt: Date;
}

export const toTeamView = ({ id, name, createdAt, updatedAt }: TeamEntity): TeamView => ({
  id,
  name,
  createdAt,
  updatedAt,
});

/** What the audit log keeps of a team: what the API shows, and the directory's name for it. */
export const toTeamRecord = (team: TeamEntity): object => ({
  ...toTeamView(team),
  ...(team.externalId ? { externalId: team.externalId } : {}),
});
