/** Looks up an access token of the gateway and its owner, in one query. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RIGHTS_COLUMNS, toUserRights, type RightsRow, type UserRights } from '../../orgs/users/rights.js';
import { Clock } from '../../platform/time/clock.js';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { isWellFormed } from '../../platform/crypto/token-mint.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OAuthTokenId, OrgId, TeamId, UserId } from '../../platform/ids.js';

export interface FoundToken {
  id: OAuthTokenId;
  clientId: string;
  scopes: readonly string[];
  audience: string | null;
  /** Unix milliseconds. */
  expiresAt: number;
}

/** A token that a user has granted. */
export interface FoundUserToken extends FoundToken {
  grantId: string;
  userId: UserId;
  organizationId: OrgId;
  rights: UserRights;
  teamIds: readonly TeamId[];
  allowsSelfRegisteredApps: boolean;
}

interface TokenRow {
  id: OAuthTokenId;
  client_id: string;
  scope: string | null;
  audience: string | null;
  expires_at: Date;
}

interface UserTokenRow extends TokenRow, RightsRow {
  grant_id: string;
  user_id: UserId;
  organization_id: OrgId;
  is_disabled: boolean;
  team_ids: TeamId[] | null;
  allow_self_registered_apps: boolean;
}

const COLUMNS = "a.id, a.client_id, a.payload->>'scope' AS scope, a.payload->>'aud' AS audience, a.expires_at";

const APP_TOKEN = `
  SELECT ${COLUMNS} FROM oauth_artifact a WHERE a.model = 'ClientCredentials' AND a.id_digest = $1`;

const USER_TOKEN = `
  SELECT ${COLUMNS}, a.grant_id, u.id AS user_id, u.organization_id, u.is_disabled, ${RIGHTS_COLUMNS},
         (SELECT array_agg(m.team_id) FROM team_member m WHERE m.user_id = u.id) AS team_ids,
         o.allow_self_registered_apps
    FROM oauth_artifact a
    JOIN oauth_grant g ON g.id = a.grant_id
    JOIN app_user u ON u.id = g.user_id
    JOIN organization o ON o.id = u.organization_id
   WHERE a.model = 'AccessToken' AND a.id_digest = $1`;

@Injectable()
export class TokenLookup {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Looks up an application's token. Throws `credential_invalid` or `credential_expired`. */
  async findAppToken(token: string): Promise<FoundToken> {
    if (!isWellFormed(token, 'llm_at_')) throw createInvalidTokenError('malformed');
    const [row] = await this.dataSource.query<TokenRow[]>(APP_TOKEN, [computeTokenDigest(token)]);
    if (!row) throw createInvalidTokenError('unknown');
    return this.#toFoundToken(row);
  }

  /** Looks up a user's token. Throws `credential_invalid` (one message for all reasons) or `credential_expired`. */
  async findUserToken(token: string): Promise<FoundUserToken> {
    if (!isWellFormed(token, 'llm_ut_')) throw createInvalidTokenError('malformed');
    const [row] = await this.dataSource.query<UserTokenRow[]>(USER_TOKEN, [computeTokenDigest(token)]);
    if (!row) throw createInvalidTokenError('unknown');
    if (row.is_disabled) throw createInvalidTokenError('user_disabled');
    return {
      ...this.#toFoundToken(row),
      grantId: row.grant_id,
      userId: row.user_id,
      organizationId: row.organization_id,
      rights: toUserRights(row),
      teamIds: row.team_ids ?? [],
      allowsSelfRegisteredApps: row.allow_self_registered_apps,
    };
  }

  #toFoundToken(row: TokenRow): FoundToken {
    const expiresAt = row.expires_at.getTime();
    if (expiresAt <= this.clock.now()) {
      throw new GatewayError(
        'credential_expired',
        `This access token expired at ${row.expires_at.toISOString()}. Fetch a new one, or use the refresh token.`,
      );
    }
    return {
      id: row.id,
      clientId: row.client_id,
      scopes: row.scope?.split(' ') ?? [],
      audience: row.audience,
      expiresAt,
    };
  }
}

/** Returns one error for every reason: what is wrong with a token is only logged. */
export const createInvalidTokenError = (reason: string): GatewayError =>
  new GatewayError(
    'credential_invalid',
    'This access token is not known or was revoked. Fetch a new one from the token endpoint.',
    { reason: `oauth_token_${reason}` },
  );
