/** Finds an admin API key by its secret, with everything that a call needs, in one query. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RIGHTS_COLUMNS, toUserRights, type RightsRow, type UserRights } from '../../orgs/users/rights.js';
import { Clock } from '../../platform/time/clock.js';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { AdminApiKeyId, OrgId, TeamId, UserId } from '../../platform/ids.js';

export interface FoundAdminApiKey {
  id: AdminApiKeyId;
  organizationId: OrgId;
  userId: UserId;
  rights: UserRights;
  teamIds: readonly TeamId[];
  scopes: readonly string[];
  /** Unix milliseconds; null: never. */
  expiresAt: number | null;
}

interface Row extends RightsRow {
  id: AdminApiKeyId;
  organization_id: OrgId;
  user_id: UserId;
  scopes: string[];
  expires_at: Date | null;
  is_disabled: boolean;
  team_ids: TeamId[] | null;
}

/** The format of an admin API key. A configured key (BOOTSTRAP_API_KEY) need not have the gateway's checksum. */
export const ADMIN_API_KEY = /^arch_api_[A-Za-z0-9_-]{32,}$/;

const QUERY = `
  SELECT k.id, k.organization_id, k.user_id, k.scopes, k.expires_at, u.is_disabled, ${RIGHTS_COLUMNS},
         (SELECT array_agg(m.team_id) FROM team_member m WHERE m.user_id = u.id) AS team_ids
    FROM admin_api_key k
    JOIN app_user u ON u.id = k.user_id AND u.organization_id = k.organization_id
   WHERE k.digest = $1`;

@Injectable()
export class AdminApiKeyLookup {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Throws `credential_invalid` (unknown, deleted, user disabled: one message for all) or `credential_expired`. */
  async getByToken(token: string): Promise<FoundAdminApiKey> {
    if (!ADMIN_API_KEY.test(token)) throw invalid('malformed');
    const [row] = await this.dataSource.query<Row[]>(QUERY, [computeTokenDigest(token)]);
    if (!row) throw invalid('unknown');
    if (row.is_disabled) throw invalid('user_disabled');
    const expiresAt = row.expires_at?.getTime() ?? null;
    if (expiresAt !== null && expiresAt <= this.clock.now()) {
      throw new GatewayError(
        'credential_expired',
        `This admin API key expired at ${new Date(expiresAt).toISOString()}. Create a new one.`,
      );
    }
    return {
      id: row.id,
      organizationId: row.organization_id,
      userId: row.user_id,
      rights: toUserRights(row),
      teamIds: row.team_ids ?? [],
      scopes: row.scopes,
      expiresAt,
    };
  }
}

const invalid = (reason: string): GatewayError =>
  new GatewayError(
    'credential_invalid',
    'This admin API key is not known or was deleted. Check that the whole key was copied, or create a new one.',
    {
      reason: `admin_api_key_${reason}`,
    },
  );
