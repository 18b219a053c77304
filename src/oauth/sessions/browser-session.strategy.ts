/** The authentication method of the browser pages: the cookie of a sign-in at this authorization server. */
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { DataSource } from 'typeorm';
import { AuthMethods, CredentialStrategy, type AuthMethod } from '../../auth/methods/auth-method.js';
import { authTag, type Caller } from '../../auth/callers/caller.js';
import type { PresentedCredential } from '../../auth/credentials/presented-credential.js';
import { RIGHTS_COLUMNS, toUserRights, type RightsRow } from '../../orgs/users/rights.js';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OrgId, TeamId, UserId } from '../../platform/ids.js';
import { ADMIN_SCOPES } from '../protocol/scopes.js';

export const BROWSER_SESSION = 'browser-session';

interface SessionRow extends RightsRow {
  id: string;
  expires_at: Date;
  user_id: UserId;
  organization_id: OrgId;
  team_ids: TeamId[] | null;
}

const QUERY = `
  SELECT a.id, a.expires_at, u.id AS user_id, u.organization_id, ${RIGHTS_COLUMNS},
         (SELECT array_agg(m.team_id) FROM team_member m WHERE m.user_id = u.id) AS team_ids
    FROM oauth_artifact a JOIN app_user u ON u.id = a.user_id
   WHERE a.model = 'Session' AND a.id_digest = $1 AND NOT u.is_disabled`;

@Injectable()
export class BrowserSessionStrategy
  extends PassportStrategy(CredentialStrategy, BROWSER_SESSION)
  implements AuthMethod
{
  override readonly name = BROWSER_SESSION;
  readonly order = 5;
  readonly surfaces = ['admin-api'] as const;

  constructor(
    methods: AuthMethods,
    private readonly dataSource: DataSource,
  ) {
    super();
    methods.register(this);
  }

  /** The only credential that is recognized by its place, because the value in the cookie has no shape of its own. */
  owns({ isCookie }: PresentedCredential): boolean {
    return isCookie;
  }

  getCacheScope(): string {
    return 'cookie';
  }

  async validate({ value }: PresentedCredential): Promise<Caller> {
    const [row] = await this.dataSource.query<SessionRow[]>(QUERY, [computeTokenDigest(value)]);
    if (!row) throw new GatewayError('credential_invalid', 'You are no longer signed in. Sign in again.');
    const { permissions, tags } = toUserRights(row);
    return {
      method: BROWSER_SESSION,
      subject: { type: 'user', id: row.user_id, viaClient: null },
      organizationId: row.organization_id,
      scopes: new Set(ADMIN_SCOPES),
      permissions,
      keySource: { kind: 'member', userId: row.user_id, teamId: null },
      proxyAccess: { proxyIds: null, teamIds: new Set(row.team_ids ?? []) },
      allowedModels: null,
      credentialId: row.id,
      expiresAt: row.expires_at.getTime(),
      tags: [
        authTag.browserSession(row.id),
        authTag.user(row.user_id),
        authTag.organization(row.organization_id),
        ...tags,
      ],
    };
  }
}
