/** Finds a virtual key by its secret, with everything that a call needs, in one query. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag, type ProxyAccess } from '../../auth/callers/caller.js';
import { COMPANION_HEADER } from '../../auth/credentials/presented-credential.js';
import { Clock } from '../../platform/time/clock.js';
import { computeTokenDigest } from '../../platform/crypto/token-digest.js';
import { isWellFormed } from '../../platform/crypto/token-mint.js';
import { GatewayError } from '../../platform/errors/gateway-error.js';
import type { OrgId, ProviderKeyId, ProxyId, TeamId, UserId, VirtualKeyId } from '../../platform/ids.js';
import { buildActiveBindingsQuery } from '../key-bindings/active-bindings.js';

export interface FoundVirtualKey {
  id: VirtualKeyId;
  organizationId: OrgId;
  ownerId: UserId | null;
  keyType: 'standard' | 'passthrough';
  bindings: ReadonlyMap<string, ProviderKeyId>;
  proxyAccess: ProxyAccess;
  payerTeamId: TeamId | null;
  allowedModels: readonly string[] | null;
  /** Unix milliseconds: the earlier expiry of the key and of this secret. */
  expiresAt: number | null;
  tags: readonly string[];
}

interface Row {
  id: VirtualKeyId;
  organization_id: OrgId;
  owner_id: UserId | null;
  key_type: 'standard' | 'passthrough';
  scope: 'personal' | 'team' | 'org';
  team_ids: TeamId[];
  payer_team_id: TeamId | null;
  allowed_models: string[];
  allowed_proxy_ids: ProxyId[];
  expires_at: Date | null;
  not_after: Date | null;
  revoked_at: Date | null;
  owner_disabled: boolean | null;
  owner_teams: TeamId[] | null;
  bindings: Record<string, ProviderKeyId> | null;
}

const COLUMNS = `
  k.id, k.organization_id, k.owner_id, k.key_type, k.scope, k.team_ids, k.payer_team_id, k.allowed_models,
  k.allowed_proxy_ids, k.expires_at, k.revoked_at, u.is_disabled AS owner_disabled,
  (SELECT array_agg(m.team_id) FROM team_member m WHERE m.user_id = k.owner_id) AS owner_teams,
  ${buildActiveBindingsQuery('virtual-key', 'k')} AS bindings`;

const BY_SECRET = `
  SELECT ${COLUMNS}, s.not_after
    FROM virtual_key_secret s
    JOIN virtual_key k ON k.id = s.virtual_key_id
    LEFT JOIN app_user u ON u.id = k.owner_id
   WHERE s.digest = $1`;

const BY_ID = `
  SELECT ${COLUMNS}, NULL::timestamptz AS not_after
    FROM virtual_key k
    LEFT JOIN app_user u ON u.id = k.owner_id
   WHERE k.id = $1 AND k.organization_id = $2`;

@Injectable()
export class VirtualKeyLookup {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Throws `credential_invalid` (unknown, revoked, owner disabled: one message for all) or `credential_expired`. */
  async getByToken(token: string): Promise<FoundVirtualKey> {
    if (!isWellFormed(token, 'arch_')) throw invalid('malformed');
    const [row] = await this.dataSource.query<Row[]>(BY_SECRET, [computeTokenDigest(token)]);
    if (!row) throw invalid('unknown');
    return this.#requireActive(row);
  }

  /**
   * Finds a key without its secret, for questions about it. Null: the organization has none. Throws as `getByToken` does.
   */
  async findById(id: string, organizationId: OrgId): Promise<FoundVirtualKey | null> {
    const [row] = await this.dataSource.query<Row[]>(BY_ID, [id, organizationId]);
    return row ? this.#requireActive(row) : null;
  }

  /** Finds a key from the companion header, which must be a passthrough key. */
  async getPassthrough(token: string): Promise<FoundVirtualKey> {
    const key = token.startsWith('arch_') ? await this.getByToken(token) : null;
    if (key?.keyType === 'passthrough') return key;
    throw new GatewayError(
      'credential_wrong_header',
      key
        ? `This is a standard virtual key: send it where the provider's key would go, not in ${COMPANION_HEADER}.`
        : `${COMPANION_HEADER} takes a passthrough virtual key (arch_…). Send other credentials as \`Authorization: Bearer\`.`,
    );
  }

  #requireActive(row: Row): FoundVirtualKey {
    if (row.revoked_at) throw invalid('revoked');
    if (row.owner_disabled) throw invalid('owner_disabled');
    const ends = [row.expires_at, row.not_after].filter((at) => at !== null).map((at) => at.getTime());
    const expiresAt = ends.length > 0 ? Math.min(...ends) : null;
    if (expiresAt !== null && expiresAt <= this.clock.now()) {
      throw new GatewayError(
        'credential_expired',
        `This virtual key expired at ${new Date(expiresAt).toISOString()}. Ask for a new one, or rotate it.`,
      );
    }
    return toFoundVirtualKey(row, expiresAt);
  }
}

/**
 * Requires that two credentials on one call belong to the same person. Throws `credential_invalid`. `userId` null: the
 * first credential has no user.
 */
export function checkCompanion(companion: FoundVirtualKey, organizationId: OrgId, userId: UserId | null): void {
  if (companion.organizationId === organizationId && companion.ownerId === userId) return;
  throw new GatewayError(
    'credential_invalid',
    'The two credentials name different users. Send credentials of one user.',
  );
}

function toFoundVirtualKey(row: Row, expiresAt: number | null): FoundVirtualKey {
  const teams = row.scope === 'personal' ? (row.owner_teams ?? []) : row.team_ids;
  return {
    id: row.id,
    organizationId: row.organization_id,
    ownerId: row.owner_id,
    keyType: row.key_type,
    bindings: new Map(Object.entries(row.bindings ?? {})),
    proxyAccess: {
      proxyIds: row.allowed_proxy_ids.length > 0 ? new Set(row.allowed_proxy_ids) : null,
      teamIds: row.scope === 'org' ? null : new Set(teams),
    },
    payerTeamId: row.payer_team_id,
    allowedModels: row.allowed_models.length > 0 ? row.allowed_models : null,
    expiresAt,
    tags: [
      authTag.virtualKey(row.id),
      authTag.organization(row.organization_id),
      ...(row.owner_id ? [authTag.user(row.owner_id)] : []),
      ...teams.map(authTag.team),
    ],
  };
}

/** One message for every reason: the log has the reason, the caller does not get it. */
const invalid = (reason: string): GatewayError =>
  new GatewayError(
    'credential_invalid',
    'This virtual key is not known or was revoked. Check that the whole key was copied, or create a new one.',
    {
      reason: `virtual_key_${reason}`,
    },
  );
