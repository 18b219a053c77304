/** What the admin API shows of an OAuth client. */
import { ApiProperty } from '@nestjs/swagger';
import type { KeyBinding } from '../keys/key-bindings.js';
import { KEY_SCOPES } from '../keys/provider-keys.dto.js';
import { ProviderKeyMapping } from '../keys/virtual-keys.dto.js';
import { APPLICATION_TYPES, AUTH_METHODS, GRANT_TYPES } from './client-profile.js';
import type { OAuthClientSecretEntity } from './oauth-client-secret.entity.js';
import type { OAuthClientEntity } from './oauth-client.entity.js';
import { resemblesProduct } from './product-name.js';
import type { PublicJwks } from './public-jwks.js';

/** A secret that is accepted now, without its value. */
export class OAuthClientSecretView {
  /** Id of the secret. */
  id: string;
  /** The last characters of the secret, by which people recognise it. */
  last4: string;
  /** Until when the secret is accepted; null: no end. */
  notAfter: Date | null;
  /** When the secret was made. */
  createdAt: Date;
  /** When the client last authenticated with this secret, to about a minute. */
  lastUsedAt: Date | null;
}

/** An OAuth client, without its secrets' values. */
export class OAuthClientView {
  /** Id of the client in this API. */
  id: string;
  /** Name of the client. */
  name: string;
  /** What the client calls itself by at the authorization server. Not secret. */
  clientId: string;
  /** What the client is for. */
  @ApiProperty({ enum: GRANT_TYPES })
  grantType: string;
  /** Who sees and manages the client. */
  @ApiProperty({ enum: KEY_SCOPES })
  scope: string;
  /** The user that a personal client belongs to. */
  ownerId: string | null;
  /** The teams of a team's client. */
  teamIds: string[];
  /** The team that calls through the client are counted for, in place of those of its users. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  payerTeamId: string | null;
  /** Whether the name looks like a name of this product. The consent page then warns people. */
  imitatesProduct: boolean;
  /** The user who chose the name and the redirect URIs. The scopes admin:* need that user's permissions. Null: deleted or not known. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  registeredBy: string | null;
  /** When the name and the redirect URIs were chosen. */
  registeredAt: Date;
  /** Where people are sent back to. */
  redirectUris: string[];
  /** Where people may be sent after signing out. */
  postLogoutRedirectUris: string[];
  /** LLM proxies that the client may enter, or that its users may enter besides their own. */
  allowedLlmProxyIds: string[];
  /** The provider keys that a client_credentials client calls with. */
  @ApiProperty({ type: [ProviderKeyMapping] })
  providerApiKeys: KeyBinding[];
  /** How the client proves who it is. */
  @ApiProperty({ enum: AUTH_METHODS })
  tokenEndpointAuthMethod: string;
  /** The client's public keys. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  jwks: PublicJwks | null;
  /** Where the client publishes its public keys. */
  jwksUri: string | null;
  /** Whether the client runs on a server or on people's machines. */
  @ApiProperty({ enum: APPLICATION_TYPES })
  applicationType: string;
  /** Whether the client may introspect the organisation's tokens. */
  mayIntrospect: boolean;
  /** Seconds that the client's tokens live; null: as the organisation says. */
  tokenLifetimeSeconds: number | null;
  /** Whether the client is refused. */
  isDisabled: boolean;
  /** The secrets that are accepted now, newest first: two while a rotation overlaps. */
  @ApiProperty({ type: [OAuthClientSecretView] })
  secrets: OAuthClientSecretView[];
  /** When the client was registered. */
  createdAt: Date;
  /** When the client was last changed. */
  updatedAt: Date;
  /** When a call last came through the client, to about ten seconds. */
  lastUsedAt: Date | null;
}

/** An OAuth client with its new secret, which is shown this once. */
export class OAuthClientCreated extends OAuthClientView {
  /** The secret. Store it now: it is not shown again. Null for a client without one. */
  clientSecret: string | null;
}

export function toOAuthClientView(
  row: OAuthClientEntity,
  bindings: KeyBinding[],
  secrets: OAuthClientSecretEntity[],
): OAuthClientView {
  return {
    id: row.id,
    name: row.name,
    clientId: row.clientId,
    grantType: row.grantType,
    scope: row.scope,
    ownerId: row.ownerId,
    teamIds: row.teamIds,
    payerTeamId: row.payerTeamId,
    imitatesProduct: resemblesProduct(row.name),
    registeredBy: row.registeredBy,
    registeredAt: row.registeredAt ?? row.createdAt,
    redirectUris: row.redirectUris,
    postLogoutRedirectUris: row.postLogoutRedirectUris,
    allowedLlmProxyIds: row.allowedProxyIds,
    providerApiKeys: bindings,
    tokenEndpointAuthMethod: row.tokenEndpointAuthMethod,
    jwks: row.jwks as PublicJwks | null,
    jwksUri: row.jwksUri,
    applicationType: row.applicationType,
    mayIntrospect: row.mayIntrospect,
    tokenLifetimeSeconds: row.tokenLifetimeSeconds,
    isDisabled: row.isDisabled,
    secrets: secrets.map(({ id, last4, notAfter, createdAt, lastUsedAt }) => ({
      id,
      last4,
      notAfter,
      createdAt,
      lastUsedAt,
    })),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastUsedAt: row.lastUsedAt,
  };
}
