/** Looks OAuth clients up for the authorization server. They are cached until an event reports a change. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authTag } from '../../auth/callers/caller.js';
import { buildActiveBindingsQuery } from '../../keys/key-bindings/active-bindings.js';
import type { Permission } from '../../auth/callers/permissions.js';
import type { KeyScope } from '../../keys/credentials/member-keys.reader.js';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import { RIGHTS_COLUMNS, toUserRights, type RightsRow } from '../../orgs/users/rights.js';
import { Clock } from '../../platform/time/clock.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { AuthEvents } from '../../platform/events/auth-events.js';
import { InvalidatedCache, type Tagged } from '../../platform/events/invalidated-cache.js';
import type { OAuthClientId, OrgId, ProviderKeyId, ProxyId, TeamId, UserId } from '../../platform/ids.js';

/** A client as the authorization server and the strategies read it. */
export interface OAuthClient {
  readonly id: OAuthClientId;
  /** `llm_oauth_…`, or the URL of a metadata document. */
  readonly clientId: string;
  /** Null: the client registered itself. */
  readonly organizationId: OrgId | null;
  readonly source: 'admin' | 'registration' | 'metadata_document';
  readonly name: string;
  readonly grantType: 'client_credentials' | 'authorization_code';
  readonly scope: KeyScope;
  readonly ownerId: UserId | null;
  /** The person who chose its name and redirect URIs; null: the client registered itself, or the person was deleted. */
  readonly registrant: Registrant | null;
  /** When the name and the redirect URIs were chosen. */
  readonly registeredAt: Date;
  /** The team that calls through the client are counted for; null: the teams of the user who calls. */
  readonly payerTeamId: TeamId | null;
  readonly applicationType: 'web' | 'native';
  readonly tokenEndpointAuthMethod: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly jwks: object | null;
  readonly jwksUri: string | null;
  /**
   * LLM proxies that the client may use itself (client_credentials), or that its users may use in addition to their
   * own.
   */
  readonly allowedProxyIds: readonly ProxyId[];
  /** The stored key that it calls with, by provider; empty for a client with users. */
  readonly bindings: ReadonlyMap<string, ProviderKeyId>;
  readonly mayIntrospect: boolean;
  /** Seconds; null: the organization's setting. */
  readonly tokenLifetimeSeconds: number | null;
  /** RFC 7591 metadata of a client that registered itself. */
  readonly registration: Readonly<Record<string, unknown>> | null;
  readonly version: number;
  /** Tokens are written only if their issuance began in the current epoch. */
  readonly tokenEpoch: number;
  /** Also true for a personal client whose owner is disabled. The code that reads it decides on the consequences. */
  readonly isDisabled: boolean;
  /** The secrets that are accepted now, newest first. `notAfter`: Unix milliseconds; null: never expires. */
  readonly secrets: readonly { id: string; digest: Buffer; notAfter: number | null }[];
}

/** The registrant of a client, with their current permissions. */
export interface Registrant {
  readonly userId: UserId;
  readonly name: string;
  readonly email: string;
  readonly isDisabled: boolean;
  readonly permissions: ReadonlySet<Permission>;
  /** Tags of the auth events that change any of these. */
  readonly tags: readonly string[];
}

type RegistrantRow = Omit<Registrant, 'permissions' | 'tags'> & RightsRow;

type Row = Omit<OAuthClient, 'bindings' | 'secrets' | 'registrant'> & {
  registrant: RegistrantRow | null;
  bindings: Record<string, ProviderKeyId> | null;
  secrets: { id: string; digest: string; notAfter: number | null }[] | null;
};

const QUERY = `
  SELECT c.id, c.client_id AS "clientId", c.organization_id AS "organizationId", c.source, c.name,
         c.grant_type AS "grantType", c.scope, c.owner_id AS "ownerId", c.payer_team_id AS "payerTeamId",
         c.application_type AS "applicationType",
         c.token_endpoint_auth_method AS "tokenEndpointAuthMethod", c.redirect_uris AS "redirectUris",
         c.post_logout_redirect_uris AS "postLogoutRedirectUris", c.jwks, c.jwks_uri AS "jwksUri",
         c.allowed_proxy_ids AS "allowedProxyIds", c.may_introspect AS "mayIntrospect",
         c.token_lifetime_seconds AS "tokenLifetimeSeconds", c.registration, c.version, c.token_epoch AS "tokenEpoch",
         c.is_disabled OR (c.scope = 'personal' AND COALESCE(u.is_disabled, false)) AS "isDisabled",
         ${buildActiveBindingsQuery('oauth-client', 'c')} AS bindings,
         COALESCE(c.registered_at, c.created_at) AS "registeredAt",
         (SELECT to_json(r) FROM (
            SELECT u.id AS "userId", u.name, u.email, u.is_disabled AS "isDisabled",
                   ${RIGHTS_COLUMNS}
              FROM app_user u WHERE u.id = c.registered_by AND u.organization_id = c.organization_id) r) AS registrant,
         (SELECT json_agg(json_build_object(
                   'id', s.id, 'digest', encode(s.digest, 'hex'), 'notAfter', extract(epoch FROM s.not_after) * 1000)
                 ORDER BY s.created_at DESC, s.id DESC)
            FROM oauth_client_secret s
           WHERE s.oauth_client_id = c.id AND (s.not_after IS NULL OR s.not_after > $2::timestamptz)) AS secrets
    FROM oauth_client c
    LEFT JOIN app_user u ON u.id = c.owner_id
   WHERE c.client_id = $1`;

const CLIENT_CACHE_SIZE = 10_000;
/** Longer than any accepted URL of a metadata document. */
const MAX_CLIENT_ID_LENGTH = 2048;

/** Cached like any refusal: for seconds, and dropped at the next event, so that a new client is known immediately. */
const UNKNOWN = new Error('no client has this id');

@Injectable()
export class OAuthClientLookup {
  readonly #cache: InvalidatedCache<OAuthClient>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    events: AuthEvents,
    config: AppConfig,
  ) {
    this.#cache = new InvalidatedCache(events, clock, {
      max: CLIENT_CACHE_SIZE,
      staleSeconds: config.auth.staleSeconds,
      isRefusal: (error) => error === UNKNOWN,
    });
  }

  /** Returns the client with this `client_id`, or null. */
  async findByClientId(clientId: string): Promise<OAuthClient | null> {
    if (clientId.length > MAX_CLIENT_ID_LENGTH || !PRINTABLE.test(clientId)) return null;
    try {
      return await this.#cache.get(clientId, () => this.#load(clientId));
    } catch (error) {
      if (error === UNKNOWN) return null;
      throw error;
    }
  }

  async #load(clientId: string): Promise<Tagged<OAuthClient>> {
    const [row] = await this.dataSource.query<Row[]>(QUERY, [clientId, new Date(this.clock.now())]);
    if (!row) throw UNKNOWN;
    return toTagged(row);
  }
}

function toTagged(row: Row): Tagged<OAuthClient> {
  const { id, organizationId, ownerId } = row;
  const registrant = row.registrant && toRegistrant(row.registrant);
  const value: OAuthClient = Object.freeze({
    ...row,
    registrant,
    bindings: new Map(Object.entries(row.bindings ?? {})),
    secrets: (row.secrets ?? []).map((secret) => ({ ...secret, digest: Buffer.from(secret.digest, 'hex') })),
  });
  return {
    value,
    tags: [
      authTag.oauthClient(id),
      ...(organizationId ? [authTag.organization(organizationId)] : []),
      ...(ownerId ? [authTag.user(ownerId)] : []),
      ...(registrant?.tags ?? []),
    ],
  };
}

function toRegistrant(row: RegistrantRow): Registrant {
  const { userId, name, email, isDisabled } = row;
  const { permissions, tags } = toUserRights(row);
  return {
    ...{ userId, name, email, isDisabled, permissions },
    tags: [authTag.user(userId), ...tags],
  };
}
