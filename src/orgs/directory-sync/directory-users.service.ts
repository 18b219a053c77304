import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import type { UserId } from '../../platform/ids.js';
import { toBuiltInRole, requireMayGrant } from '../users/role.policy.js';
import { rejectDuplicates } from '../organization/unique-fields.js';
import { UserAccessService } from '../users/user-access.service.js';
import { changeUser } from '../users/change-user.js';
import type { UserEntity } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';

/** A user as the organization's directory knows them. */
export interface DirectoryUser {
  email: string;
  name: string;
  externalId: string | null;
  isActive: boolean;
}

/**
 * Writes the users that a directory manages (SCIM 2.0). Applies the same rules as for other users, in one transaction
 * per request. The directory vouches for the addresses. No invitation is created, because these users sign in through
 * their identity provider.
 */
@Injectable()
export class DirectoryUsersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersService,
    private readonly access: UserAccessService,
    private readonly clock: Clock,
  ) {}

  /** Creates a member. Throws `permission_denied`, and `conflict` for an address or external id that is in use. */
  create(actor: Actor, { isActive, ...profile }: DirectoryUser): Promise<UserId> {
    requireMayGrant(actor.caller, toBuiltInRole('member'));
    const write = this.unitOfWork.run(async (work) => {
      const emailVerifiedAt = new Date(this.clock.now());
      const fields = { ...profile, role: 'member', isDisabled: !isActive, emailVerifiedAt };
      return (await this.users.insert(work, actor, fields)).id as UserId;
    });
    return rejectDuplicates(write);
  }

  /**
   * Calls `decide` with the current user, who is locked for the change. Throws the errors of `decide`, `not_found`,
   * `permission_denied` for a user above the caller, and `conflict` as `create` does and for the last owner.
   */
  change(
    actor: Actor,
    id: UserId,
    decide: (user: DirectoryUser) => Partial<DirectoryUser> | Promise<Partial<DirectoryUser>>,
  ): Promise<void> {
    const write = changeUser(this.unitOfWork, actor, id, async (work, user) => {
      const { isActive, ...changes } = await decide(toDirectoryUser(user));
      if (isActive === false) await this.access.applyDisable(work, actor, user);
      if (differs(user, changes)) {
        await this.users.change(work, actor, user, { ...changes, emailVerifiedAt: new Date(this.clock.now()) });
      }
      if (isActive === true) await this.access.applyEnable(work, actor, user);
    });
    return rejectDuplicates(write);
  }

  /** Throws as `UsersService.delete` does. */
  delete(actor: Actor, id: UserId): Promise<void> {
    return this.users.delete(actor, id);
  }
}

const toDirectoryUser = ({ email, name, externalId, isDisabled }: UserEntity): DirectoryUser => ({
  email,
  name,
  externalId,
  isActive: !isDisabled,
});

/** Detects repeated writes: directories send the same state every few minutes, which is not a change. */
const differs = (user: UserEntity, changes: Partial<Omit<DirectoryUser, 'isActive'>>): boolean =>
  (['email', 'name', 'externalId'] as const).some(
    (field) => changes[field] !== undefined && changes[field] !== user[field],
  );
