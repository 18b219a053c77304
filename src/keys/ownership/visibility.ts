import { Brackets } from 'typeorm';
import type { KeyActor } from './key-actor.reader.js';

/** SQL for the rule of `maySee` without `any_key:write`, over rows under `alias` that have owner, scope and teams. */
export function buildVisibilityFilter(actor: KeyActor, alias: string): Brackets {
  return new Brackets((query) => {
    query
      .where(`${alias}.scope = 'org'`)
      .orWhere(`${alias}.ownerId = :userId`, { userId: actor.userId })
      .orWhere(`(${alias}.scope = 'team' AND (:everyTeam OR ${alias}.teamIds && :myTeams::uuid[]))`, {
        everyTeam: actor.permissions.has('team_key:write'),
        myTeams: [...actor.teams.keys()],
      });
  });
}
