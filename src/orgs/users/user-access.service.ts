import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import type { OrgId, UserId } from '../../platform/ids.js';
import { createInvitation } from './invitation.js';
import { SessionRevocations } from '../lifecycle/session-revocations.js';
import { conflict } from '../../admin-api/refusals.js';
import { changeUser, requireAnotherOwner } from './change-user.js';
import { UserEntity } from './user.entity.js';
import { toUserCreated, toUserRecord, toUserView, type UserCreated, type UserView } from './users.dto.js';

/** A user's access: disabling, enabling, new invitation links. */
@Injectable()
export class UserAccessService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly sessionRevocations: SessionRevocations,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /**
   * Takes effect immediately, for every credential of the user; a pending invitation ends too. Throws `conflict` for
   * the last owner.
   */
  disable(actor: Actor, id: UserId): Promise<UserView> {
    return changeUser(this.unitOfWork, actor, id, async (work, user) =>
      toUserView(await this.applyDisable(work, actor, user)),
    );
  }

  enable(actor: Actor, id: UserId): Promise<UserView> {
    return changeUser(this.unitOfWork, actor, id, async (work, user) =>
      toUserView(await this.applyEnable(work, actor, user)),
    );
  }

  /** `disable`, in a transaction of `changeUser`. */
  async applyDisable(work: Work, actor: Actor, user: UserEntity): Promise<UserEntity> {
    if (user.isDisabled) return user;
    await requireAnotherOwner(work.manager, user);
    const userId = user.id as UserId;
    work.announce({ tag: authTag.user(userId), effect: 'revoked' });
    const organizationId = user.organizationId as OrgId;
    await this.sessionRevocations.announce(work, { userId, organizationId, cause: 'disabled' });
    const change = { isDisabled: true, invitationDigest: null, invitationExpiresAt: null };
    return this.#save(work, actor, 'disable', user, change);
  }

  /** `enable`, in a transaction of `changeUser`. */
  async applyEnable(work: Work, actor: Actor, user: UserEntity): Promise<UserEntity> {
    if (!user.isDisabled) return user;
    work.announce({ tag: authTag.user(user.id), effect: 'changed' });
    return this.#save(work, actor, 'enable', user, { isDisabled: false });
  }

  /**
   * Creates a new link, for a first password or a forgotten one; an earlier link ends. Throws `conflict` for a disabled
   * user.
   */
  invite(actor: Actor, id: UserId): Promise<UserCreated> {
    return changeUser(this.unitOfWork, actor, id, async (work, user) => {
      if (user.isDisabled) throw conflict('This user is disabled. Enable the user first.');
      const invitation = createInvitation(this.clock.now());
      const change = { invitationDigest: invitation.digest, invitationExpiresAt: invitation.expiresAt };
      await this.#save(work, actor, 'invite', user, change);
      return toUserCreated(user, this.config.http.publicUrl, invitation);
    });
  }

  async #save(
    work: Work,
    actor: Actor,
    verb: string,
    user: UserEntity,
    change: Partial<UserEntity>,
  ): Promise<UserEntity> {
    const before = toUserRecord(user);
    Object.assign(user, change, { updatedAt: new Date(this.clock.now()) });
    await work.manager.update(UserEntity, { id: user.id }, user);
    const after = toUserRecord(user);
    await this.audit.record(work.manager, actor, buildAuditEvent('user', verb, user.id, { before, after }));
    return user;
  }
}
