import { Injectable } from '@nestjs/common';
import type { Actor } from '../../auth/callers/actor.js';
import { getUserId } from '../../auth/callers/caller.js';
import type { Permission } from '../../auth/callers/permissions.js';
import { MembershipReader } from '../../orgs/users/membership.reader.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OrgId, UserId } from '../../platform/ids.js';

/** The facts that decide an actor's rights to a key: the person, their permissions and their teams. */
export interface KeyActor {
  readonly userId: UserId;
  readonly organizationId: OrgId;
  readonly permissions: ReadonlySet<Permission>;
  /** Team id → the role held there. */
  readonly teams: ReadonlyMap<string, 'admin' | 'member'>;
}

@Injectable()
export class KeyActorReader {
  constructor(private readonly memberships: MembershipReader) {}

  /** Reads the database outside a transaction: call it before one begins, never inside. */
  async get({ caller }: Actor): Promise<KeyActor> {
    const userId = getUserId(caller);
    const membership = userId === null ? null : await this.memberships.findByUser(userId);
    if (!membership)
      throw new GatewayError('permission_denied', 'Keys are managed by people. Use a credential that acts for a user.');
    return {
      userId: membership.userId,
      organizationId: caller.organizationId,
      permissions: caller.permissions,
      teams: new Map(membership.teams.map((team) => [team.id, team.role])),
    };
  }
}
