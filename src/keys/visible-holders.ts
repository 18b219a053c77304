import { Brackets } from 'typeorm';
import type { KeyActor } from './key-actor.reader.js';

/** The rule of `maySee` for those without `any_key:write`, as SQL over rows under `alias` that have owner, scope and teams. */
export function visibleTo(who: KeyActor, alias: string): Brackets {
  return new Brackets((or) => {
    or.where(`${alias}.scope = 'org'`)
      .orWhere(`${alias}.ownerId = :userId`, { userId: who.userId })
      .orWhere(`(${alias}.scope = 'team' AND (:everyTeam OR ${alias}.teamIds && :myTeams::uuid[]))`, {
        everyTeam: who.permissions.has('team_key:write'),
        myTeams: [...who.teams.keys()],
      });
  });
}
