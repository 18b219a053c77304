/** Users as oidc-provider sees them, and which clients they may sign in to. */
import { Injectable } from '@nestjs/common';
import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from './oidc-provider.js';
import { DataSource } from 'typeorm';
import { OAuthClientLookup } from '../../clients/authentication/oauth-client.lookup.js';
import { isUuid, type OrgId, type UserId } from '../../platform/ids.js';
import { OWN_DESCRIPTIONS } from '../protocol/error-texts.js';
import { isFirstPartyClient } from '../protocol/first-party-clients.js';

/** A person who may sign in now. */
export interface SignedInUser {
  id: UserId;
  organizationId: OrgId;
  organizationName: string;
  email: string;
  name: string;
  isEmailVerified: boolean;
  allowsSelfRegisteredApps: boolean;
}

interface UserRow {
  id: UserId;
  organization_id: OrgId;
  organization_name: string;
  email: string;
  name: string;
  email_verified_at: Date | null;
  allow_self_registered_apps: boolean;
}

@Injectable()
export class Accounts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clients: OAuthClientLookup,
  ) {}

  /** Returns null for a user who is deleted or disabled. */
  async findUser(id: string): Promise<SignedInUser | null> {
    if (!isUuid(id)) return null;
    const [row] = await this.dataSource.query<UserRow[]>(
      `SELECT u.id, u.organization_id, o.name AS organization_name, u.email, u.name, u.email_verified_at,
              o.allow_self_registered_apps
         FROM app_user u JOIN organization o ON o.id = u.organization_id
        WHERE u.id = $1 AND NOT u.is_disabled`,
      [id],
    );
    if (!row) return null;
    return {
      id: row.id,
      organizationId: row.organization_id,
      organizationName: row.organization_name,
      email: row.email,
      name: row.name,
      isEmailVerified: row.email_verified_at !== null,
      allowsSelfRegisteredApps: row.allow_self_registered_apps,
    };
  }

  /** Returns null if the user may use the client, else the reason, which may be shown to the app and its user. */
  async findRefusal(user: SignedInUser, clientId: string): Promise<string | null> {
    if (isFirstPartyClient(clientId)) return null;
    const client = await this.clients.findByClientId(clientId);
    const organizationId = client?.organizationId ?? null;
    if (organizationId === null) {
      return user.allowsSelfRegisteredApps ? null : OWN_DESCRIPTIONS.selfRegisteredForbidden;
    }
    return organizationId === user.organizationId ? null : OWN_DESCRIPTIONS.otherOrganization;
  }

  /**
   * For the library's `findAccount`: undefined ends a code, refresh or session. If a person at the browser may not use
   * the client, the application receives `access_denied`.
   */
  async find(ctx: KoaContextWithOIDC, sub: string): Promise<Account | undefined> {
    const user = await this.findUser(sub);
    if (!user) return undefined;
    const clientId = ctx.oidc.client?.clientId;
    const refusal = clientId === undefined ? null : await this.findRefusal(user, clientId);
    if (refusal !== null) {
      if (ctx.oidc.route === 'token') return undefined;
      throw new errors.AccessDenied(refusal);
    }
    return { accountId: user.id, claims: () => buildClaims(user) };
  }
}

/** Returns all claims; the library drops those that were not requested (OpenID Connect Core §5.4). */
export const buildClaims = (user: SignedInUser) => ({
  sub: user.id,
  name: user.name,
  email: user.email,
  email_verified: user.isEmailVerified,
});
