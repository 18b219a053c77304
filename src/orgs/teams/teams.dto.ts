import { PartialType } from '@nestjs/swagger';
import { OneLine } from '../../admin-api/field-rules.js';
import type { TeamEntity } from './team.entity.js';

export class CreateTeamBody {
  /** Name of the team, unique in the organization. */
  @OneLine(100)
  name: string;
}

export class UpdateTeamBody extends PartialType(CreateTeamBody, { skipNullProperties: false }) {}

export class TeamView {
  /** Id of the team. */
  id: string;

  /** Name of the team, unique in the organization. */
  name: string;

  /** When the team was created. */
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

/** The team in the audit log: the fields of the API, and its id in the directory. */
export const toTeamRecord = (team: TeamEntity): object => ({
  ...toTeamView(team),
  ...(team.externalId ? { externalId: team.externalId } : {}),
});
