/** The beginning of every change of a team: finds it in the caller's organization and locks it. */
import type { Actor } from '../../auth/callers/actor.js';
import type { UnitOfWork, Work } from '../../platform/database/unit-of-work.js';
import { lockOrganization } from '../organization/lock.js';
import type { TeamEntity } from './team.entity.js';
import { loadTeam } from './teams.reader.js';

/** Runs `job` on the team in one transaction. Throws `not_found` before `job` runs. */
export function changeTeam<T>(
  unitOfWork: UnitOfWork,
  actor: Actor,
  id: string,
  job: (work: Work, team: TeamEntity) => Promise<T>,
): Promise<T> {
  return unitOfWork.run(async (work) => {
    await lockOrganization(work.manager, actor.caller.organizationId);
    return job(work, await loadTeam(work.manager, actor, id));
  });
}
