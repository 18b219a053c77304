import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A browser's session that came through an identity provider, and its identifiers at the provider. */
@Entity('idp_session')
@Index('idp_session_subject_idx', ['identityProviderId', 'subject'])
@Index('idp_session_provider_session_idx', ['identityProviderId', 'providerSession'])
@Index('idp_session_user_id_idx', ['userId'])
@Index('idp_session_expires_at_idx', ['expiresAt'])
export class IdpSessionEntity {
  /** Digest of the session's `uid`, which stays when its id changes. */
  @PrimaryColumn('bytea', { name: 'session_uid_digest', primaryKeyConstraintName: 'idp_session_pkey' })
  sessionUidDigest: Buffer;

  @Column('uuid', { name: 'identity_provider_id' })
  identityProviderId: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  /** The claim `sub`, independent of the subject that the claim mapping selects. */
  @Column('text')
  subject: string;

  /** The claim `sid`. */
  @Column('text', { name: 'provider_session', nullable: true })
  providerSession: string | null;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
