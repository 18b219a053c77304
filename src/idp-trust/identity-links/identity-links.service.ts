/** Creates and removes the links between a provider's subjects and users, for admins. */
import { Injectable } from '@nestjs/common';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { lockOrganization } from '../../orgs/organization/lock.js';
import { ProvisioningService } from '../../orgs/directory-sync/provisioning.service.js';
import { notFound, unknownReference, validationError } from '../../admin-api/refusals.js';
import { requireAuthorityOver } from '../../orgs/users/role.policy.js';
import { loadNamedRole, type UserRole } from '../../orgs/users/named-role.js';
import { rejectUniqueViolations, type UniqueFields } from '../../admin-api/unique-violation.js';
import { Clock } from '../../platform/time/clock.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import { IdentityLinkEntity } from './identity-link.entity.js';
import { createLink } from './identity-link.writer.js';
import { toIdentityLinkRecord, type CreateIdentityLinkBody, type IdentityLinkView } from './identity-links.dto.js';
import { loadIdentityProvider } from '../identity-providers/identity-providers.reader.js';

const UNIQUE_FIELD_ERRORS: UniqueFields = {
  identity_link_identity_provider_id_subject_key: {
    pointer: '/subject',
    detail: 'This subject is linked already. Delete that link first.',
  },
  identity_link_identity_provider_id_user_id_key: {
    pointer: '/userId',
    detail: 'This user is linked to another subject of the provider already. Delete that link first.',
  },
};

@Injectable()
export class IdentityLinksService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly provisioning: ProvisioningService,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws `conflict` for a subject or user that is already linked there, and `permission_denied` for a user above the
   * actor.
   */
  create(actor: Actor, providerId: string, { subject, userId }: CreateIdentityLinkBody): Promise<IdentityLinkView> {
    const { caller } = actor;
    const write = this.#change(actor, async (work) => {
      const { kind } = await loadIdentityProvider(work.manager, actor, providerId);
      if (kind !== 'people')
        throw validationError({
          pointer: '/subject',
          detail: 'Subjects of this provider are workloads. Bind them at workloads.',
        });
      const [user] = await work.manager.query<({ email: string } & UserRole)[]>(
        'SELECT email, role, custom_role_id AS "customRoleId" FROM app_user WHERE id = $1 AND organization_id = $2',
        [userId, caller.organizationId],
      );
      if (!user) throw unknownReference('user', ['/userId']);
      requireAuthorityOver(caller, await loadNamedRole(work.manager, caller.organizationId, user));
      const row = createLink(this.clock.now(), providerId, subject, userId, 'admin');
      await work.manager.insert(IdentityLinkEntity, row);
      const after = toIdentityLinkRecord(row);
      await this.audit.record(work.manager, actor, buildAuditEvent('identity_link', 'create', row.id, { after }));
      work.announce({ tag: authTag.user(userId), effect: 'changed' });
      return { ...after, email: user.email };
    });
    return rejectUniqueViolations(write, UNIQUE_FIELD_ERRORS);
  }

  /** Also removes the user's memberships that come from the provider's groups. */
  remove(actor: Actor, providerId: string, id: string): Promise<void> {
    return this.#change(actor, async (work) => {
      await loadIdentityProvider(work.manager, actor, providerId);
      const row = await work.manager.findOneBy(IdentityLinkEntity, { id, identityProviderId: providerId });
      if (!row) throw notFound('link of this identity provider', id);
      await work.manager.delete(IdentityLinkEntity, { id });
      await this.provisioning.withdrawMemberships(work, providerId, { userId: row.userId });
      await this.audit.record(
        work.manager,
        actor,
        buildAuditEvent('identity_link', 'delete', id, { before: toIdentityLinkRecord(row) }),
      );
      work.announce({ tag: authTag.user(row.userId), effect: 'revoked' });
    });
  }

  #change<T>({ caller }: Actor, job: (work: Work) => Promise<T>): Promise<T> {
    return this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, caller.organizationId);
      return job(work);
    });
  }
}
