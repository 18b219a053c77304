/**
 * Resolves a genuine token to a user. A subject is linked once; from then on only the link counts, because an address
 * can change hands and a subject cannot.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Role } from '../../auth/callers/permissions.js';
import { lockOrganization } from '../../orgs/organization/lock.js';
import { ProvisioningService } from '../../orgs/directory-sync/provisioning.service.js';
import type { UserRights } from '../../orgs/users/rights.js';
import { findViolatedIndex } from '../../admin-api/unique-violation.js';
import { UnitOfWork, type Work } from '../../platform/database/unit-of-work.js';
import type { OrgId, TeamId, UserId } from '../../platform/ids.js';
import { GroupMapper, type TokenUser, type GroupMapping } from '../external-groups/group-mapping.js';
import { IdentityLinkWriter } from './identity-link.writer.js';
import { IdentityMatcher, createNotLinkedRefusal, type Match } from './identity-match.js';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';
import type { ValidatedToken } from '../trusted-issuer/validated-token.js';

export interface LinkedUser {
  readonly userId: UserId;
  readonly organizationId: OrgId;
  readonly role: Role;
  readonly rights: UserRights;
  /** In the order of joining. */
  readonly teamIds: readonly TeamId[];
}

/** The user that a token would resolve to, and how that user was found. */
export interface LinkPreview {
  readonly matchKind: Match['kind'];
  /** Null: not yet created. */
  readonly userId: UserId | null;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly teamIds: readonly TeamId[];
}

@Injectable()
export class IdentityLinker {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly matcher: IdentityMatcher,
    private readonly groupMapper: GroupMapper,
    private readonly links: IdentityLinkWriter,
    private readonly provisioning: ProvisioningService,
  ) {}

  /**
   * Returns the user, with teams and role according to the token's groups. On the first sign-in, links or creates a
   * user if the provider's rules permit it; of concurrent calls exactly one does. Throws TokenRefusal:
   * `user_not_linked`, `user_disabled`, `user_of_another_organisation`.
   */
  async resolveUser(provider: IdentityProvider, token: ValidatedToken): Promise<LinkedUser> {
    const { manager } = this.dataSource;
    const match = await this.matcher.find(manager, provider, token);
    if (match.kind === 'linked') {
      const mapping = await this.groupMapper.map(manager, provider, token, toTokenUser(match));
      if (mapping.change === null) return toLinkedUser(provider, match.user.id, mapping);
    }
    try {
      return await this.#admit(provider, token);
    } catch (error) {
      if (findViolatedIndex(error) === null) throw error;
    }
    // Another organization took the address concurrently; it does not wait for this organization's lock. Now it is
    // visible.
    return this.#admit(provider, token);
  }

  /** Returns what `resolveUser` would do, without doing it. Throws the same errors. */
  async preview(provider: IdentityProvider, token: ValidatedToken): Promise<LinkPreview> {
    const { manager } = this.dataSource;
    const match = await this.matcher.find(manager, provider, token);
    const { role, teamIds } = await this.groupMapper.map(manager, provider, token, toTokenUser(match));
    const { email, name } = match.kind === 'new' ? match : match.user;
    return { matchKind: match.kind, userId: match.kind === 'new' ? null : match.user.id, email, name, role, teamIds };
  }

  /** Repeats all checks under the lock, because a concurrent call may have come first. */
  #admit(provider: IdentityProvider, token: ValidatedToken): Promise<LinkedUser> {
    const provisioner = { organizationId: provider.organizationId, identityProviderId: provider.id };
    return this.unitOfWork.run(async (work) => {
      const { manager } = work;
      await lockOrganization(manager, provider.organizationId);
      await requireEnabled(work, provider);
      const match = await this.matcher.find(manager, provider, token);
      const mapping = await this.groupMapper.map(manager, provider, token, toTokenUser(match));
      const userId =
        match.kind === 'new' ? await this.provisioning.createUser(work, provisioner, match) : match.user.id;
      if (match.kind !== 'linked') await this.links.link(work, provider, token.subject, userId, match.kind);
      if (mapping.change !== null) {
        await this.provisioning.applyChange(work, provisioner, userId, mapping.change);
        await this.links.noteGroups(manager, provider, token);
      }
      return toLinkedUser(provider, userId, mapping);
    });
  }
}

async function requireEnabled({ manager }: Work, { id }: IdentityProvider): Promise<void> {
  const rows = await manager.query<unknown[]>('SELECT 1 FROM identity_provider WHERE id = $1 AND NOT is_disabled', [
    id,
  ]);
  if (rows.length === 0) throw createNotLinkedRefusal('the provider is gone or disabled');
}

const MEMBER = { role: 'member', customRoleId: null, customPermissions: null } as const;

function toTokenUser(match: Match): TokenUser {
  if (match.kind === 'new') return { id: null, groupsAsOf: null, ...MEMBER };
  return { ...match.user, groupsAsOf: match.kind === 'linked' ? match.groupsAsOf : null };
}

const toLinkedUser = (
  { organizationId }: IdentityProvider,
  userId: UserId,
  { role, rights, teamIds }: GroupMapping,
): LinkedUser => ({ userId, organizationId, role, rights, teamIds });
