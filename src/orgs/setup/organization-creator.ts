import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../audit/entries/audit-log.js';
import { Clock } from '../../platform/time/clock.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import { createId, type OrgId, type UserId } from '../../platform/ids.js';
import { createInvitation, type Invitation } from '../users/invitation.js';
import { toLlmProxyView } from '../llm-proxies/llm-proxy-view.dto.js';
import { LlmProxyEntity } from '../llm-proxies/llm-proxy.entity.js';
import { OrganizationEntity } from '../organization/organization.entity.js';
import { toOrganizationView } from '../organization/organization.dto.js';
import { UserEntity } from '../users/user.entity.js';
import { toUserView } from '../users/users.dto.js';

export interface NewOrganization {
  name: string;
  slug: string;
  /** The deployment has one default organization. */
  isDefault: boolean;
  ownerEmail: string;
  /** Null: the owner gets an invitation link. */
  ownerPasswordHash: string | null;
}

export interface CreatedOrganization {
  organizationId: OrgId;
  ownerId: UserId;
  /** Null when the owner has a password. */
  invitation: Invitation | null;
}

/** Creates a usable organization, with its first owner and its default LLM proxy. */
@Injectable()
export class OrganizationCreator {
  constructor(
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs inside the caller's transaction; wrap that in `rejectUniqueViolations` to report a taken slug or address as
   * `conflict`.
   */
  async create(work: Work, input: NewOrganization): Promise<CreatedOrganization> {
    const at = new Date(this.clock.now());
    const timestamps = { createdAt: at, updatedAt: at };
    const organizationId = createId<OrgId>(at.getTime());
    await work.manager.insert(OrganizationEntity, {
      id: organizationId,
      name: input.name,
      slug: input.slug,
      isDefault: input.isDefault,
      ...timestamps,
    });
    const organization = await work.manager.findOneByOrFail(OrganizationEntity, { id: organizationId });
    const invitation = input.ownerPasswordHash === null ? createInvitation(at.getTime()) : null;
    const owner = work.manager.create(UserEntity, {
      id: createId<UserId>(at.getTime()),
      organizationId,
      email: input.ownerEmail.toLowerCase(),
      name: input.ownerEmail.toLowerCase(),
      role: 'owner',
      customRoleId: null,
      passwordHash: input.ownerPasswordHash,
      isDisabled: false,
      // The deployment's variables vouch for the address; an invitation has yet to prove it.
      emailVerifiedAt: invitation ? null : at,
      invitationDigest: invitation?.digest ?? null,
      invitationExpiresAt: invitation?.expiresAt ?? null,
      ...timestamps,
    });
    await work.manager.insert(UserEntity, owner);
    const proxy = work.manager.create(LlmProxyEntity, {
      id: createId(at.getTime()),
      organizationId,
      name: 'default',
      isDefault: true,
      teamIds: [],
      allowDirectKeys: true,
      allowJwtOnRouter: false,
      strictAudit: false,
      identityProviderIds: [],
      policy: {},
      captureContent: null,
      contentRetentionDays: null,
      ...timestamps,
    });
    await work.manager.insert(LlmProxyEntity, proxy);
    for (const [targetType, target] of [
      ['organization', toOrganizationView(organization)],
      ['user', toUserView(owner)],
      ['llm_proxy', toLlmProxyView(proxy)],
    ] as const) {
      const event = { action: `${targetType}.create`, targetType, targetId: target.id, after: target };
      await this.audit.recordBySystem(work.manager, organizationId, event);
    }
    return { organizationId, ownerId: owner.id as UserId, invitation };
  }
}
