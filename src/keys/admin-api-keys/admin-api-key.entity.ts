import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A key for the admin API, acting as its user within its scopes. */
@Entity('admin_api_key')
@Index('admin_api_key_digest_key', ['digest'], { unique: true })
@Index('admin_api_key_organization_id_idx', ['organizationId', 'id'])
export class AdminApiKeyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'admin_api_key_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('text')
  name: string;

  @Column('bytea')
  digest: Buffer;

  @Column('text', { name: 'token_start' })
  tokenStart: string;

  @Column('text', { array: true })
  scopes: string[];

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
