/** Creates, changes and deletes an organization's trust in identity providers. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditLog, buildAuditEvent } from '../../audit/entries/audit-log.js';
import type { Actor } from '../../auth/callers/actor.js';
import { authTag } from '../../auth/callers/caller.js';
import { lockOrganization } from '../../orgs/organization/lock.js';
import { ProvisioningService } from '../../orgs/directory-sync/provisioning.service.js';
import { conflict, denied } from '../../admin-api/refusals.js';
import { rejectUniqueViolations, type UniqueFields } from '../../admin-api/unique-violation.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import type { AuthEventEffect } from '../../platform/events/auth-events.js';
import { EnforcedSignIn } from '../changes/enforced-sign-in.js';
import { changesTrust, deriveAuthEffect } from '../changes/auth-effect.js';
import { toIdentityProviderView, type IdentityProviderView } from '../settings/identity-provider-view.dto.js';
import { IdentityProviderEntity } from '../settings/identity-provider.entity.js';
import { IdentityProviderValidator } from './identity-provider.validator.js';
import type { CreateIdentityProviderBody, UpdateIdentityProviderBody } from '../settings/identity-providers.dto.js';
import { loadIdentityProvider } from './identity-providers.reader.js';
import { unlinkFromProxies } from '../changes/proxy-links.js';
import { TrustConflicts } from '../changes/trust-conflicts.js';

const UNIQUE_FIELD_ERRORS: UniqueFields = {
  identity_provider_provider_id_key: {
    pointer: '/providerId',
    detail: 'An identity provider with this name already exists. Choose another name.',
  },
  identity_provider_organization_id_issuer_key: {
    pointer: '/issuer',
    detail: 'Your organization trusts this issuer already. Change that identity provider instead.',
  },
};

@Injectable()
export class IdentityProvidersService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly validator: IdentityProviderValidator,
    private readonly conflicts: TrustConflicts,
    private readonly provisioning: ProvisioningService,
    private readonly enforcedSignIn: EnforcedSignIn,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Throws `conflict` for a name or issuer that is taken, and when another organization could accept the same token.
   */
  async create(actor: Actor, body: CreateIdentityProviderBody): Promise<IdentityProviderView> {
    const row = await this.validator.draft(actor, body);
    return this.#change(actor, async (work) => {
      await this.conflicts.check(work.manager, row);
      await work.manager.insert(IdentityProviderEntity, row);
      const after = toIdentityProviderView(row);
      await this.#recordChange(work, actor, 'create', { after, effect: 'changed' });
      await this.enforcedSignIn.announceChange(work, null, row);
      return after;
    });
  }

  /**
   * Throws `conflict` as `create` does, and `permission_denied` to an actor who could become an owner by the change.
   */
  async update(actor: Actor, id: string, body: UpdateIdentityProviderBody): Promise<IdentityProviderView> {
    const present = await loadIdentityProvider(this.dataSource.manager, actor, id);
    this.validator.apply(actor, present, body);
    const located = await this.validator.locate(present, body);
    return this.#change(actor, async (work) => {
      const { manager } = work;
      const row = await loadIdentityProvider(manager, actor, id);
      const before = toIdentityProviderView(row);
      await requireAuthorityOverLinked(manager, actor, id, body);
      this.validator.apply(actor, row, body);
      Object.assign(row, located);
      const after = toIdentityProviderView(row);
      await requireSameSubjectClaim(manager, before, after);
      await this.conflicts.check(manager, row);
      await manager.update(IdentityProviderEntity, { id }, row);
      await this.#recordChange(work, actor, 'update', { before, after, effect: deriveAuthEffect(before, after) });
      await this.enforcedSignIn.announceChange(work, before, row);
      return after;
    });
  }

  /** Also removes its links, its bindings, and the memberships from its groups. */
  remove(actor: Actor, id: string): Promise<void> {
    return this.#change(actor, async (work) => {
      const before = toIdentityProviderView(await loadIdentityProvider(work.manager, actor, id));
      await unlinkFromProxies(work, actor.caller.organizationId, id);
      await this.provisioning.withdrawMemberships(work, id);
      await work.manager.delete(IdentityProviderEntity, { id });
      await this.#recordChange(work, actor, 'delete', { before, effect: 'revoked' });
    });
  }

  #change<T>({ caller }: Actor, job: (work: Work) => Promise<T>): Promise<T> {
    const write = this.unitOfWork.run(async (work) => {
      await lockOrganization(work.manager, caller.organizationId);
      return job(work);
    });
    return rejectUniqueViolations(write, UNIQUE_FIELD_ERRORS);
  }

  async #recordChange(work: Work, actor: Actor, verb: string, { before, after, effect }: Change): Promise<void> {
    const { id } = (after ?? before)!;
    const event = buildAuditEvent('identity_provider', verb, id, { before, after });
    await this.audit.record(work.manager, actor, event);
    work.announce({ tag: authTag.identityProvider(id), effect });
  }
}

interface Change {
  before?: IdentityProviderView;
  after?: IdentityProviderView;
  effect: AuthEventEffect;
}

/**
 * Only an owner may change a provider to which an owner is linked: control of its keys permits tokens for every linked
 * user.
 */
async function requireAuthorityOverLinked(
  manager: EntityManager,
  { caller }: Actor,
  id: string,
  body: UpdateIdentityProviderBody,
): Promise<void> {
  if (!changesTrust(body) || caller.permissions.has('owner:write')) return;
  const owners = await manager.query<unknown[]>(
    `SELECT 1 FROM identity_link l JOIN app_user u ON u.id = l.user_id
      WHERE l.identity_provider_id = $1 AND u.role = 'owner' LIMIT 1`,
    [id],
  );
  if (owners.length > 0)
    throw denied(
      'An owner is linked to this identity provider, so only an owner may change what its tokens are trusted for.',
    );
}

/** The same text in another claim may identify another person. */
async function requireSameSubjectClaim(
  manager: EntityManager,
  before: IdentityProviderView,
  after: IdentityProviderView,
): Promise<void> {
  const [subjectBefore, subjectAfter] = [before, after].map(({ claimMapping }) => JSON.stringify(claimMapping.subject));
  if (subjectBefore === subjectAfter) return;
  const links = await manager.query<unknown[]>('SELECT 1 FROM identity_link WHERE identity_provider_id = $1 LIMIT 1', [
    before.id,
  ]);
  if (links.length > 0)
    throw conflict(
      'Users are linked by the current subject claim. Delete the links first, or create another identity provider.',
      '/claimMapping/subject',
    );
}
