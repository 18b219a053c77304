import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { selectCustomPermissions } from '../../auth/callers/custom-permissions.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { createId } from '../../platform/ids.js';
import { CustomRoleEntity } from '../users/custom-role.entity.js';
import { lockOrganization } from '../organization/lock.js';
import { conflict } from '../../admin-api/refusals.js';
import { isLowered, requireMayGrant } from '../users/role.policy.js';
import { toRoleView, type CreateRoleBody, type RoleView, type UpdateRoleBody } from './roles.dto.js';
import { loadRole } from './roles.reader.js';
import { rejectDuplicates } from '../organization/unique-fields.js';
import { toNamedRole } from '../users/named-role.js';
import { UserEntity } from '../users/user.entity.js';

/** The custom roles of an organization. A user can create, change or delete only roles within their own permissions. */
@Injectable()
export class RolesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Throws `conflict` for a name that is taken, `permission_denied` for permissions that the caller does not hold. */
  create(actor: Actor, body: CreateRoleBody): Promise<RoleView> {
    requireMayGrant(actor.caller, toNamedRole(body));
    const now = new Date(this.clock.now());
    const write = this.unitOfWork.run(async ({ manager }) => {
      const role = manager.create(CustomRoleEntity, {
        id: createId(now.getTime()),
        organizationId: actor.caller.organizationId,
        name: body.name,
        description: body.description ?? null,
        permissions: sortPermissions(body.permissions),
        createdAt: now,
        updatedAt: now,
      });
      await manager.insert(CustomRoleEntity, role);
      const after = toRoleView(role);
      await this.audit.record(manager, actor, buildAuditEvent('role', 'create', role.id, { after }));
      return after;
    });
    return rejectDuplicates(write);
  }

  /** Throws as `create` does. */
  update(actor: Actor, id: string, body: UpdateRoleBody): Promise<RoleView> {
    const write = this.#change(actor, id, async (work, role) => {
      const before = toRoleView(role);
      const roleBefore = toNamedRole(role);
      if (body.name !== undefined) role.name = body.name;
      if (body.description !== undefined) role.description = body.description;
      if (body.permissions !== undefined) role.permissions = sortPermissions(body.permissions);
      const roleAfter = toNamedRole(role);
      requireMayGrant(actor.caller, roleAfter);
      role.updatedAt = new Date(this.clock.now());
      await work.manager.update(CustomRoleEntity, { id }, role);
      const after = toRoleView(role);
      await this.audit.record(work.manager, actor, buildAuditEvent('role', 'update', id, { before, after }));
      work.announce({ tag: authTag.customRole(id), effect: isLowered(roleBefore, roleAfter) ? 'revoked' : 'changed' });
      return after;
    });
    return rejectDuplicates(write);
  }

  /** Throws `conflict` while a user has it. */
  delete(actor: Actor, id: string): Promise<void> {
    return this.#change(actor, id, async ({ manager }, role) => {
      const holders = await manager.countBy(UserEntity, { customRoleId: id });
      if (holders > 0)
        throw conflict(
          `${holders} ${holders === 1 ? 'user has' : 'users have'} this role. Give them another one first.`,
        );
      await manager.delete(CustomRoleEntity, { id });
      await this.audit.record(manager, actor, buildAuditEvent('role', 'delete', id, { before: toRoleView(role) }));
    });
  }

  /** Runs under the organization's lock, like every change of a user's role. */
  #change<T>(actor: Actor, id: string, job: (work: Work, role: CustomRoleEntity) => Promise<T>): Promise<T> {
    const { caller } = actor;
    return this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, caller.organizationId);
      const role = await loadRole(work.manager, actor, id);
      requireMayGrant(caller, toNamedRole(role));
      return job(work, role);
    });
  }
}

const sortPermissions = (permissions: readonly string[]): string[] => [...selectCustomPermissions(permissions)];
