import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An application that may request tokens from the authorization server. */
@Entity('oauth_client')
@Index('oauth_client_client_id_key', ['clientId'], { unique: true })
@Index('oauth_client_organization_id_idx', ['organizationId', 'id'])
@Index('oauth_client_owner_id_idx', ['ownerId'])
@Index('oauth_client_payer_team_id_idx', ['payerTeamId'], { where: 'payer_team_id IS NOT NULL' })
@Index('oauth_client_registered_by_idx', ['registeredBy'], { where: 'registered_by IS NOT NULL' })
@Index('oauth_client_unused_idx', ['createdAt'], { where: 'organization_id IS NULL AND last_used_at IS NULL' })
export class OAuthClientEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'oauth_client_pkey' })
  id: string;

  /** `llm_oauth_…`, or the URL of the client's metadata document. */
  @Column('text', { name: 'client_id' })
  clientId: string;

  /** Null: the client registered itself. */
  @Column('uuid', { name: 'organization_id', nullable: true })
  organizationId: string | null;

  /** `admin`, `registration` (RFC 7591) or `metadata_document`. */
  @Column('text')
  source: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'grant_type' })
  grantType: string;

  @Column('text', { default: 'personal' })
  scope: string;

  @Column('uuid', { name: 'owner_id', nullable: true })
  ownerId: string | null;

  /** The person who chose its name and redirect URIs. Null: the client registered itself, or the person was deleted. */
  @Column('uuid', { name: 'registered_by', nullable: true })
  registeredBy: string | null;

  @Column('timestamptz', { name: 'registered_at', nullable: true })
  registeredAt: Date | null;

  @Column('uuid', { name: 'team_ids', array: true, default: () => "'{}'" })
  teamIds: string[];

  /** Null: calls are counted for the teams of the user who calls. */
  @Column('uuid', { name: 'payer_team_id', nullable: true })
  payerTeamId: string | null;

  @Column('text', { name: 'application_type', default: 'web' })
  applicationType: string;

  @Column('text', { name: 'token_endpoint_auth_method' })
  tokenEndpointAuthMethod: string;

  @Column('text', { name: 'redirect_uris', array: true, default: () => "'{}'" })
  redirectUris: string[];

  @Column('text', { name: 'post_logout_redirect_uris', array: true, default: () => "'{}'" })
  postLogoutRedirectUris: string[];

  @Column('jsonb', { nullable: true })
  jwks: object | null;

  @Column('text', { name: 'jwks_uri', nullable: true })
  jwksUri: string | null;

  @Column('uuid', { name: 'allowed_proxy_ids', array: true, default: () => "'{}'" })
  allowedProxyIds: string[];

  @Column('boolean', { name: 'may_introspect', default: false })
  mayIntrospect: boolean;

  @Column('integer', { name: 'token_lifetime_seconds', nullable: true })
  tokenLifetimeSeconds: number | null;

  @Column('jsonb', { nullable: true })
  registration: object | null;

  @Column('integer', { default: 1 })
  version: number;

  /** Number of times that everything issued to the client was revoked. */
  @Column('integer', { name: 'token_epoch', default: 0 })
  tokenEpoch: number;

  @Column('boolean', { name: 'is_disabled', default: false })
  isDisabled: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
