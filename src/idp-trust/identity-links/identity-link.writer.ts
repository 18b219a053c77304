import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import { authTag } from '../../auth/callers/caller.js';
import { toAuditActor } from '../../orgs/directory-sync/provisioning.service.js';
import { Clock } from '../../platform/time/clock.js';
import type { Work } from '../../platform/database/unit-of-work.js';
import { createId } from '../../platform/ids.js';
import { IdentityLinkEntity } from './identity-link.entity.js';
import { toIdentityLinkRecord } from './identity-links.dto.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import type { ValidatedToken } from '../trusted-issuer/validated-token.js';

/** Source of a link, by how its user was found. */
const SOURCES = { found: 'email', new: 'created' } as const;

/** Writes the links that result from tokens. */
@Injectable()
export class IdentityLinkWriter {
  constructor(
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  async link(
    work: Work,
    provider: Pick<IdentityProvider, 'id' | 'organizationId'>,
    subject: string,
    userId: string,
    matchKind: keyof typeof SOURCES,
  ): Promise<void> {
    const row = createLink(this.clock.now(), provider.id, subject, userId, SOURCES[matchKind]);
    await work.manager.insert(IdentityLinkEntity, row);
    const actor = toAuditActor({ identityProviderId: provider.id });
    await this.audit.recordAs(
      work.manager,
      provider.organizationId,
      actor,
      buildAuditEvent('identity_link', 'create', row.id, { after: toIdentityLinkRecord(row) }),
    );
    work.announce({ tag: authTag.user(userId), effect: 'changed' });
  }

  /** Records that the groups of a token were applied, so that those of an older token no longer are. */
  async noteGroups(
    manager: EntityManager,
    provider: IdentityProvider,
    { subject, claims }: ValidatedToken,
  ): Promise<void> {
    const groupsAsOf = new Date(Number(claims.iat) * 1000);
    await manager.update(IdentityLinkEntity, { identityProviderId: provider.id, subject }, { groupsAsOf });
  }
}

export function createLink(
  now: number,
  identityProviderId: string,
  subject: string,
  userId: string,
  source: string,
): IdentityLinkEntity {
  const row = { id: createId<string>(now), identityProviderId, subject, userId, source };
  return Object.assign(new IdentityLinkEntity(), { ...row, groupsAsOf: null, createdAt: new Date(now) });
}
