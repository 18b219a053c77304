import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { getUserId, type Caller } from '../../auth/callers/caller.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { MeView } from './me.dto.js';
import { MembershipReader } from '../users/membership.reader.js';
import { OrganizationEntity } from '../organization/organization.entity.js';
import { ReachableProviders } from '../organization/reachable-providers.js';
import { denied } from '../../admin-api/refusals.js';

/** Reads what the caller may know about themselves. */
@Injectable()
export class MeReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly memberships: MembershipReader,
    private readonly providers: ReachableProviders,
  ) {}

  async get(caller: Caller): Promise<MeView> {
    const userId = getUserId(caller);
    if (userId === null) throw denied('This credential belongs to no user. Use one of your own.');
    const [membership, organization, providers] = await Promise.all([
      this.memberships.findByUser(userId),
      this.dataSource.manager.findOneBy(OrganizationEntity, { id: caller.organizationId }),
      this.providers.find({ kind: 'member', userId, teamId: null }),
    ]);
    if (!membership || !organization) throw new GatewayError('credential_invalid', 'This user no longer exists.');
    const { email, name, role, customRole, teams } = membership;
    return {
      user: { id: userId, email, name },
      organization: { id: organization.id, name: organization.name, slug: organization.slug },
      role,
      customRole,
      permissions: [...caller.permissions].sort(),
      teams: [...teams],
      reachableProviders: [...providers].sort(),
    };
  }
}
