import { validationError } from '../../admin-api/refusals.js';
import { Injectable } from '@nestjs/common';
import { DataSource, MoreThan, type EntityManager } from 'typeorm';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import type { Secret } from '../../platform/crypto/secret.js';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OrgId, UserId } from '../../platform/ids.js';
import { SessionRevocations } from '../lifecycle/session-revocations.js';
import { lockOrganization } from '../organization/lock.js';
import { hashPassword, isLongEnough, MIN_PASSWORD_LENGTH } from './password-hash.js';
import type { SignedInUser } from './password-sign-in.service.js';
import { UserEntity } from '../users/user.entity.js';
import { toUserView } from '../users/users.dto.js';

/** Why a link is not valid. `unknown`: it never existed, a newer one replaced it, or its user is disabled. */
export type InvitationState = 'used' | 'expired' | 'unknown';

/** Redeems invitation links: the holder of a link sets the password, once. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly sessionRevocations: SessionRevocations,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns the user that the link is for; null when it is unknown, used, replaced or expired, or its user is disabled.
   */
  async find(token: string): Promise<{ userId: UserId; email: string } | null> {
    const user = await this.#findInvited(this.dataSource.manager, token);
    return user && { userId: user.id as UserId, email: user.email };
  }

  /** Returns why `find` returned null. */
  async findState(token: string): Promise<InvitationState> {
    const digest = computeTokenDigest(token);
    const users = this.dataSource.getRepository(UserEntity);
    if (await users.existsBy({ usedInvitationDigest: digest, isDisabled: false })) return 'used';
    return (await users.existsBy({ invitationDigest: digest, isDisabled: false })) ? 'expired' : 'unknown';
  }

  /**
   * Sets the password. Of concurrent callers one gets the user, the others null, as for a link that `find` does not
   * return. Throws `validation_failed` for a password that is too short; the link remains valid.
   */
  async accept(
    token: string,
    password: Secret,
    context: Pick<Actor, 'requestId' | 'clientAddress'>,
  ): Promise<SignedInUser | null> {
    const invited = await this.#findInvited(this.dataSource.manager, token);
    if (!invited) return null;
    if (!isLongEnough(password)) throw tooShort();
    // Before the transaction: hashing takes longer than the whole transaction.
    const passwordHash = await hashPassword(password);
    return this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, invited.organizationId);
      // Read again under the lock: another transaction may have used, replaced or ended the link.
      const user = await this.#findInvited(work.manager, token);
      if (!user) return null;
      await this.#save(work, user, passwordHash, context);
      const signedIn = { userId: user.id as UserId, organizationId: user.organizationId as OrgId };
      work.announce({ tag: authTag.user(user.id), effect: 'changed' });
      await this.sessionRevocations.announce(work, { ...signedIn, cause: 'passwordChanged' });
      return signedIn;
    });
  }

  /**
   * Uses the link up without setting a password: for users who sign in elsewhere. Of concurrent callers one gets true,
   * the others false, as for a link that `find` does not return.
   */
  confirm(token: string, context: Pick<Actor, 'requestId' | 'clientAddress'>): Promise<boolean> {
    return this.unitOfWork.run(async (work) => {
      const invited = await this.#findInvited(work.manager, token);
      if (!invited) return false;
      await lockOrganization(work.manager, invited.organizationId);
      const user = await this.#findInvited(work.manager, token);
      if (!user) return false;
      await this.#save(work, user, user.passwordHash, context, 'confirm_address');
      work.announce({ tag: authTag.user(user.id), effect: 'changed' });
      return true;
    });
  }

  #findInvited(manager: EntityManager, token: string): Promise<UserEntity | null> {
    return manager.findOneBy(UserEntity, {
      invitationDigest: computeTokenDigest(token),
      invitationExpiresAt: MoreThan(new Date(this.clock.now())),
      isDisabled: false,
    });
  }

  async #save(
    { manager }: Work,
    user: UserEntity,
    passwordHash: string | null,
    context: Pick<Actor, 'requestId' | 'clientAddress'>,
    verb = 'set_password',
  ): Promise<void> {
    const now = new Date(this.clock.now());
    const before = toUserView(user);
    Object.assign(user, {
      passwordHash,
      // The link proves the address: it was sent there and came back.
      emailVerifiedAt: user.emailVerifiedAt ?? now,
      usedInvitationDigest: user.invitationDigest,
      invitationDigest: null,
      invitationExpiresAt: null,
      updatedAt: now,
    });
    await manager.update(UserEntity, { id: user.id }, user);
    const actor = { actorType: 'user', actorId: user.id, credentialId: null, ...context };
    await this.audit.recordAs(
      manager,
      user.organizationId as OrgId,
      actor,
      buildAuditEvent('user', verb, user.id, { before, after: toUserView(user) }),
    );
  }
}

function tooShort(): GatewayError {
  const detail = `The password must have at least ${MIN_PASSWORD_LENGTH} characters.`;
  return validationError({ pointer: '/password', detail });
}
