import { Injectable } from '@nestjs/common';
import { DataSource, ILike } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { selectCustomPermissions } from '../../auth/callers/custom-permissions.js';
import { AuditLog } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { createId } from '../../platform/ids.js';
import { toLikePattern, toPage, type Page, type PageQuery } from '../../admin-api/page.js';
import { CustomRoleEntity } from '../users/custom-role.entity.js';
import { lockOrganization } from '../organization/lock.js';
import { conflict, notFound } from '../../admin-api/refusals.js';
import { isLowered, requireMayGrant } from '../users/role.policy.js';
import { toRoleView, type CreateRoleBody, type UpdateRoleBody } from './roles.dto.js';
import { rejectDuplicates } from '../organization/unique-fields.js';
import { toNamedRole } from '../users/named-role.js';
import { UserEntity } from '../users/user.entity.js';

/** The custom roles of an organization. A user can create, change or delete only roles within their own permissions. */
@Injectable()
export class RolesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  async list({ caller: { organizationId } }: Actor, query: PageQuery): Promise<Page<CustomRoleEntity>> {
    const [roles, total] = await this.dataSource.manager.findAndCount(CustomRoleEntity, {
      where: { organizationId, ...(query.search === undefined ? {} : { name: ILike(toLikePattern(query.search)) }) },
      order: { id: 'ASC' },
      skip: query.offset,
      take: query.limit,
    });
    return toPage(roles, total, query);
  }

  async get({ caller: { organizationId } }: Actor, id: string): Promise<CustomRoleEntity> {
    const role = await this.dataSource.manager.findOneBy(CustomRoleEntity, { id, organizationId });
    if (!role) throw notFound('custom role', id);
    return role;
  }

  /** Throws `conflict` for a name that is taken, `permission_denied` for permissions that the caller does not hold. */
  create(actor: Actor, body: CreateRoleBody): Promise<CustomRoleEntity> {
    requireMayGrant(actor.caller, toNamedRole(body));
    const now = new Date(this.clock.now());
    const write = this.unitOfWork.run(async ({ manager }) => {
      const role = manager.create(CustomRoleEntity, {
        id: createId(now.getTime()),
        organizationId: actor.caller.organizationId,
        name: body.name,
        description: body.description ?? null,
        permissions: inOrder(body.permissions),
        createdAt: now,
        updatedAt: now,
      });
      await manager.insert(CustomRoleEntity, role);
      await this.audit.record(manager, actor, { ...auditEvent('create', role.id), after: toRoleView(role) });
      return role;
    });
    return rejectDuplicates(write);
  }

  /** Throws as `create` does. */
  update(actor: Actor, id: string, body: UpdateRoleBody): Promise<CustomRoleEntity> {
    const write = this.#change(actor, id, async (work, role) => {
      const before = toRoleView(role);
      const given = toNamedRole(role);
      if (body.name !== undefined) role.name = body.name;
      if (body.description !== undefined) role.description = body.description;
      if (body.permissions !== undefined) role.permissions = inOrder(body.permissions);
      const wanted = toNamedRole(role);
      requireMayGrant(actor.caller, wanted);
      role.updatedAt = new Date(this.clock.now());
      await work.manager.update(CustomRoleEntity, { id }, role);
      await this.audit.record(work.manager, actor, { ...auditEvent('update', id), before, after: toRoleView(role) });
      work.announce({ tag: authTag.customRole(id), effect: isLowered(given, wanted) ? 'revoked' : 'changed' });
      return role;
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
      await this.audit.record(manager, actor, { ...auditEvent('delete', id), before: toRoleView(role) });
    });
  }

  /** Runs under the organization's lock, like every change of a user's role. */
  #change<T>({ caller }: Actor, id: string, job: (work: Work, role: CustomRoleEntity) => Promise<T>): Promise<T> {
    const { organizationId } = caller;
    return this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, organizationId);
      const role = await work.manager.findOneBy(CustomRoleEntity, { id, organizationId });
      if (!role) throw notFound('custom role', id);
      requireMayGrant(caller, toNamedRole(role));
      return job(work, role);
    });
  }
}

const inOrder = (permissions: readonly string[]): string[] => [...selectCustomPermissions(permissions)];

const auditEvent = (verb: string, id: string) => ({ action: `role.${verb}`, targetType: 'role', targetId: id });
