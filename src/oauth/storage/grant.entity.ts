import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One authorization of a client by a user. Its tokens and codes refer to it and end with it. */
@Entity('oauth_grant')
@Index('oauth_grant_user_id_idx', ['userId', 'clientId'])
@Index('oauth_grant_client_id_idx', ['clientId'])
@Index('oauth_grant_expires_at_idx', ['expiresAt'])
export class GrantEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'oauth_grant_pkey' })
  id: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('text', { name: 'client_id' })
  clientId: string;

  @Column('jsonb')
  payload: object;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
