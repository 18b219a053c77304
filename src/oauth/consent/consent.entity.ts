import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A user's consent to a client for a resource. */
@Entity('oauth_consent')
@Index('oauth_consent_user_id_client_id_resource_key', ['userId', 'clientId', 'resource'], { unique: true })
@Index('oauth_consent_client_id_idx', ['clientId'])
export class ConsentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'oauth_consent_pkey' })
  id: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('text', { name: 'client_id' })
  clientId: string;

  @Column('text')
  resource: string;

  @Column('text', { array: true })
  scopes: string[];

  /** The version of the client that the user consented to. */
  @Column('integer', { name: 'client_version' })
  clientVersion: number;

  @Column('timestamptz', { name: 'granted_at', default: () => 'now()' })
  grantedAt: Date;

  @Column('timestamptz', { name: 'last_used_at', default: () => 'now()' })
  lastUsedAt: Date;
}
