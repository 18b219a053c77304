import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One of the secrets with which a client authenticates. Stored as a digest only. */
@Entity('oauth_client_secret')
@Index('oauth_client_secret_digest_key', ['digest'], { unique: true })
@Index('oauth_client_secret_oauth_client_id_idx', ['oauthClientId'])
export class OAuthClientSecretEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'oauth_client_secret_pkey' })
  id: string;

  @Column('uuid', { name: 'oauth_client_id' })
  oauthClientId: string;

  @Column('bytea')
  digest: Buffer;

  @Column('text')
  last4: string;

  /** Null: never expires. */
  @Column('timestamptz', { name: 'not_after', nullable: true })
  notAfter: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
