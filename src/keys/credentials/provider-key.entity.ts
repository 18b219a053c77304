import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One of several servers of a key. */
export interface ProviderKeyServer {
  /** Stored form: absolute, without a trailing slash. */
  baseUrl: string;
  /** Patterns of the models that it serves. */
  models: string[];
}

/**
 * A provider key that the organization, a team or a person stored. The secret is sealed, or stored elsewhere
 * (`secret_ref`).
 */
@Entity('provider_key')
@Index('provider_key_organization_id_idx', ['organizationId', 'provider'])
@Index('provider_key_owner_id_idx', ['ownerId', 'provider'])
@Index('provider_key_team_id_idx', ['teamId', 'provider'])
export class ProviderKeyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'provider_key_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  name: string;

  @Column('text')
  provider: string;

  @Column('text')
  scope: string;

  @Column('uuid', { name: 'owner_id', nullable: true })
  ownerId: string | null;

  @Column('uuid', { name: 'team_id', nullable: true })
  teamId: string | null;

  @Column('boolean', { name: 'is_primary', default: false })
  isPrimary: boolean;

  @Column('text', { name: 'sealed_secret', nullable: true })
  sealedSecret: string | null;

  @Column('text', { name: 'secret_ref', nullable: true })
  secretRef: string | null;

  @Column('text', { default: '' })
  last4: string;

  @Column('text', { name: 'base_url', nullable: true })
  baseUrl: string | null;

  /** In place of `baseUrl`; null: the key has one server. */
  @Column('jsonb', { nullable: true })
  servers: ProviderKeyServer[] | null;

  @Column('jsonb', { name: 'extra_headers', default: () => "'{}'" })
  extraHeaders: object;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
