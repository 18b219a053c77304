import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { IdentityProvider } from '../trusted-issuer/identity-provider.js';

/** An identity provider that an organization trusts, and what its tokens must contain. */
@Entity('identity_provider')
@Index('identity_provider_provider_id_key', ['providerId'], { unique: true })
@Index('identity_provider_organization_id_issuer_key', ['organizationId', 'issuer'], { unique: true })
export class IdentityProviderEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'identity_provider_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  /** Identifies it in URLs. */
  @Column('text', { name: 'provider_id' })
  providerId: string;

  @Column('text')
  name: string;

  /** `people` or `workload`. */
  @Column('text', { default: 'people' })
  kind: string;

  @Column('text', { default: 'custom' })
  preset: string;

  @Column('text')
  issuer: string;

  @Column('text', { name: 'jwks_url' })
  jwksUrl: string;

  /** Endpoints from discovery at the time of saving; null: discovery was not queried, or published no sign-in. */
  @Column('jsonb', { nullable: true })
  endpoints: IdentityProvider['endpoints'];

  @Column('text', { array: true })
  audiences: string[];

  @Column('text', { name: 'extra_audiences', array: true, default: () => "'{}'" })
  extraAudiences: string[];

  @Column('text', { array: true })
  algorithms: string[];

  @Column('text', { name: 'token_types', array: true })
  tokenTypes: string[];

  @Column('text', { name: 'authorized_parties', array: true, default: () => "'{}'" })
  authorizedParties: string[];

  @Column('boolean', { name: 'accept_id_tokens', default: false })
  acceptIdTokens: boolean;

  @Column('integer', { name: 'max_age_seconds', default: 86400 })
  maxAgeSeconds: number;

  @Column('integer', { name: 'leeway_seconds', default: 30 })
  leewaySeconds: number;

  @Column('jsonb', { name: 'required_claims', default: () => "'{}'" })
  requiredClaims: Record<string, string | boolean | number>;

  @Column('jsonb', { name: 'claim_mapping', default: () => "'{}'" })
  claimMapping: IdentityProvider['claimMapping'];

  /** `off` or `verified_domain`. */
  @Column('text', { name: 'email_link_policy', default: 'off' })
  emailLinkPolicy: string;

  @Column('text', { name: 'verified_domains', array: true, default: () => "'{}'" })
  verifiedDomains: string[];

  @Column('boolean', { name: 'create_users', default: false })
  createUsers: boolean;

  @Column('jsonb', { name: 'group_roles', default: () => "'[]'" })
  groupRoles: IdentityProvider['groupRoles'];

  @Column('text', { name: 'client_id', nullable: true })
  clientId: string | null;

  @Column('text', { name: 'sealed_client_secret', nullable: true })
  sealedClientSecret: string | null;

  @Column('boolean', { name: 'enforce_sign_in', default: false })
  enforceSignIn: boolean;

  @Column('boolean', { name: 'is_disabled', default: false })
  isDisabled: boolean;

  /** Whether an owner made the last change that affects trust; otherwise no owner is linked by address. */
  @Column('boolean', { name: 'links_owners', default: false })
  linksOwners: boolean;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
