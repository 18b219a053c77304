/** OAuth clients as the admin API shows them. */
import { ApiProperty } from '@nestjs/swagger';
import type { KeyBinding } from '../../keys/key-bindings/key-binding.store.js';
import { KEY_SCOPES } from '../../keys/provider-keys/provider-keys.dto.js';
import { ProviderKeyMapping } from '../../keys/virtual-keys/virtual-keys.dto.js';
import { APPLICATION_TYPES, AUTH_METHODS, GRANT_TYPES } from '../metadata/client-profile.js';
import type { OAuthClientSecretEntity } from '../storage/oauth-client-secret.entity.js';
import type { OAuthClientEntity } from '../storage/oauth-client.entity.js';
import { resemblesProduct } from '../metadata/product-name.js';
import type { PublicJwks } from '../metadata/public-jwks.js';

/** A secret that is accepted now, without its value. */
export class OAuthClientSecretView {
  /** Id of the secret. */
  id: string;
  /** The last characters of the secret, by which people recognize it. */
  last4: string;
  /** When the secret stops being accepted; null: never. */
  notAfter: Date | null;
  /** When the secret was created. */
  createdAt: Date;
  /** When the client last authenticated with this secret, accurate to about a minute. */
  lastUsedAt: Date | null;
}

/** An OAuth client, without the values of its secrets. */
export class OAuthClientView {
  /** Id of the client in this API. */
  id: string;
  /** Name of the client. */
  name: string;
  /** The client's `client_id` at the authorization server. Not secret. */
  clientId: string;
  /** The grant type: whether the client calls for itself or people sign in to it. */
  @ApiProperty({ enum: GRANT_TYPES })
  grantType: string;
  /** Who can see and manage the client. */
  @ApiProperty({ enum: KEY_SCOPES })
  scope: string;
  /** The user that a personal client belongs to. */
  ownerId: string | null;
  /** The teams of a client of scope `team`. */
  teamIds: string[];
  /** The team that calls through the client are counted for, instead of the teams of its users. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  payerTeamId: string | null;
  /** Whether the name looks like a name of this product. The consent page then warns people. */
  imitatesProduct: boolean;
  /**
   * The user who chose the name and the redirect URIs. The scopes admin:* need that user's permissions. Null: the user
   * was deleted or is unknown.
   */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  registeredBy: string | null;
  /** When the name and the redirect URIs were chosen. */
  registeredAt: Date;
  /** The addresses that people are redirected back to. */
  redirectUris: string[];
  /** The addresses that people may be redirected to after signing out. */
  postLogoutRedirectUris: string[];
  /** LLM proxies that the client may use, or that its users may use in addition to their own. */
  allowedLlmProxyIds: string[];
  /** The provider keys that a client_credentials client calls with. */
  @ApiProperty({ type: [ProviderKeyMapping] })
  providerApiKeys: KeyBinding[];
  /** How the client authenticates. */
  @ApiProperty({ enum: AUTH_METHODS })
  tokenEndpointAuthMethod: string;
  /** The client's public keys. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  jwks: PublicJwks | null;
  /** The URL where the client publishes its public keys. */
  jwksUri: string | null;
  /** Whether the client runs on a server or on people's machines. */
  @ApiProperty({ enum: APPLICATION_TYPES })
  applicationType: string;
  /** Whether the client may introspect the organization's tokens. */
  mayIntrospect: boolean;
  /** Lifetime of the client's tokens in seconds; null: the organization's setting. */
  tokenLifetimeSeconds: number | null;
  /** Whether the client is disabled and therefore refused. */
  isDisabled: boolean;
  /** The secrets that are accepted now, newest first: two during the overlap of a rotation. */
  @ApiProperty({ type: [OAuthClientSecretView] })
  secrets: OAuthClientSecretView[];
  /** When the client was registered. */
  createdAt: Date;
  /** When the client was last changed. */
  updatedAt: Date;
  /** When a call last came through the client, accurate to about ten seconds. */
  lastUsedAt: Date | null;
}

/** An OAuth client with its new secret, which is shown only once. */
export class OAuthClientCreated extends OAuthClientView {
  /** The secret. Store it now: it is not shown again. Null for a client without a secret. */
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
