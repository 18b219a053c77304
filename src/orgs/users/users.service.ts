import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { createId, type UserId } from '../../platform/ids.js';
import { DeletionHooks } from '../lifecycle/deletion-hooks.js';
import { createInvitation } from './invitation.js';
import { lockOrganization } from '../organization/lock.js';
import { isLowered, requireMayGrant } from './role.policy.js';
import { rejectDuplicates } from '../organization/unique-fields.js';
import { changeUser, requireAnotherOwner } from './change-user.js';
import { UserEntity } from './user.entity.js';
import { loadNamedRole, applyRoleChange, type UserRole } from './named-role.js';
import {
  toUserCreated,
  toUserRecord,
  toUserView,
  type CreateUserBody,
  type UpdateUserBody,
  type UserCreated,
  type UserView,
} from './users.dto.js';

/** The fields of a new user that differ between users. */
export type NewUser = Pick<UserEntity, 'email' | 'name' | 'role'> & Partial<UserEntity>;

/** A change of a user. A new address counts as unconfirmed unless `emailVerifiedAt` states when it was confirmed. */
export type UserChange = UpdateUserBody & Partial<Pick<UserEntity, 'emailVerifiedAt' | 'externalId'>>;

/** The people of an organization: inviting, changing and deleting them. */
@Injectable()
export class UsersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly deletionHooks: DeletionHooks,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** Throws `permission_denied` for a role above the caller's, `conflict` for an address that is in use. */
  async create(actor: Actor, body: CreateUserBody): Promise<UserCreated> {
    const role = applyRoleChange(MEMBER, body);
    const now = this.clock.now();
    const invitation = createInvitation(now);
    const write = this.unitOfWork.run(async (work) => {
      const { caller } = actor;
      // Keeps the permissions of a custom role unchanged until the user has it.
      if (role.customRoleId !== null) await lockOrganization(work.manager, caller.organizationId);
      requireMayGrant(caller, await loadNamedRole(work.manager, caller.organizationId, role));
      return this.insert(work, actor, {
        email: body.email,
        name: body.name ?? body.email,
        ...role,
        invitationDigest: invitation.digest,
        invitationExpiresAt: invitation.expiresAt,
        createdAt: new Date(now),
        updatedAt: new Date(now),
      });
    });
    return toUserCreated(await rejectDuplicates(write), this.config.http.publicUrl, invitation);
  }

  /** Runs in a transaction of the caller, who has checked the role. */
  async insert({ manager }: Work, actor: Actor, newUser: NewUser): Promise<UserEntity> {
    const now = this.clock.now();
    const user = manager.create(UserEntity, {
      id: createId(now),
      organizationId: actor.caller.organizationId,
      passwordHash: null,
      isDisabled: false,
      emailVerifiedAt: null,
      invitationDigest: null,
      invitationExpiresAt: null,
      externalId: null,
      customRoleId: null,
      createdAt: new Date(now),
      updatedAt: new Date(now),
      ...newUser,
    });
    await manager.insert(UserEntity, user);
    await this.audit.record(manager, actor, buildAuditEvent('user', 'create', user.id, { after: toUserRecord(user) }));
    return user;
  }

  /** Throws `conflict` for the last owner's role and for an address that is in use. */
  async update(actor: Actor, id: UserId, body: UpdateUserBody): Promise<UserView> {
    const write = changeUser(this.unitOfWork, actor, id, (work, user) => this.change(work, actor, user, body));
    return toUserView(await rejectDuplicates(write));
  }

  /** Runs in a transaction of `changeUser`. */
  async change(work: Work, actor: Actor, user: UserEntity, change: UserChange): Promise<UserEntity> {
    const { id } = user;
    const before = toUserRecord(user);
    const role = applyRoleChange(user, change);
    if (role.role !== user.role || role.customRoleId !== user.customRoleId)
      await this.#changeRole(work, actor, user, role);
    else work.announce({ tag: authTag.user(id), effect: 'changed' });
    if (change.email !== undefined && change.email !== user.email) {
      // The link was sent to the old address; the new one is not confirmed.
      Object.assign(user, {
        email: change.email,
        emailVerifiedAt: change.emailVerifiedAt ?? null,
        invitationDigest: null,
        invitationExpiresAt: null,
      });
    }
    if (change.name !== undefined) user.name = change.name;
    if (change.externalId !== undefined) user.externalId = change.externalId;
    user.updatedAt = new Date(this.clock.now());
    await work.manager.update(UserEntity, { id }, user);
    await this.audit.record(
      work.manager,
      actor,
      buildAuditEvent('user', 'update', id, { before, after: toUserRecord(user) }),
    );
    return user;
  }

  /** Also deletes what belongs to the user alone: keys and memberships. Throws `conflict` for the last owner. */
  delete(actor: Actor, id: UserId): Promise<void> {
    return changeUser(this.unitOfWork, actor, id, async (work, user) => {
      await requireAnotherOwner(work.manager, user);
      await this.deletionHooks.announce(work, { type: 'user', id, organizationId: user.organizationId });
      await work.manager.delete(UserEntity, { id });
      await this.audit.record(
        work.manager,
        actor,
        buildAuditEvent('user', 'delete', id, { before: toUserRecord(user) }),
      );
      work.announce({ tag: authTag.user(id), effect: 'revoked' });
    });
  }

  async #changeRole(work: Work, { caller }: Actor, user: UserEntity, role: UserRole): Promise<void> {
    const present = await loadNamedRole(work.manager, user.organizationId, user);
    const newRole = await loadNamedRole(work.manager, user.organizationId, role);
    requireMayGrant(caller, newRole);
    await requireAnotherOwner(work.manager, user);
    work.announce({ tag: authTag.user(user.id), effect: isLowered(present, newRole) ? 'revoked' : 'changed' });
    user.role = role.role;
    user.customRoleId = role.customRoleId;
  }
}

const MEMBER: UserRole = { role: 'member', customRoleId: null };
