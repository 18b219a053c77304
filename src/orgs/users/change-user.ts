/**
 * The beginning of every change of a user: finds them in the caller's organization, checks permission and locks them.
 */
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import type { UnitOfWork, Work } from '../../platform/database/unit-of-work.js';
import { lockOrganization } from '../organization/lock.js';
import { conflict } from '../../admin-api/refusals.js';
import { requireAuthorityOver } from './role.policy.js';
import { loadNamedRole } from './named-role.js';
import { UserEntity } from './user.entity.js';
import { loadUser } from './users.reader.js';

/** Runs `job` on the user in one transaction. Throws `not_found` or `permission_denied` before `job` runs. */
export function changeUser<T>(
  unitOfWork: UnitOfWork,
  actor: Actor,
  id: string,
  job: (work: Work, user: UserEntity) => Promise<T>,
): Promise<T> {
  const { caller } = actor;
  return unitOfWork.run(async (work) => {
    await lockOrganization(work.manager, caller.organizationId);
    const user = await loadUser(work.manager, actor, id);
    requireAuthorityOver(caller, await loadNamedRole(work.manager, caller.organizationId, user));
    return job(work, user);
  });
}

/**
 * Throws `conflict` when `user` is the only owner who is not disabled: an organization without an owner could not be
 * administered.
 */
export async function requireAnotherOwner(manager: EntityManager, user: UserEntity): Promise<void> {
  if (user.role !== 'owner' || user.isDisabled) return;
  const { organizationId } = user;
  const owners = await manager.countBy(UserEntity, { organizationId, role: 'owner', isDisabled: false });
  if (owners <= 1)
    throw conflict('This is the last active owner of the organization. Make another user an owner first.');
}
