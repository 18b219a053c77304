import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A token, code, session or other artifact that expires, found by the digest of the value that its holder presents. */
@Entity('oauth_artifact')
@Index('oauth_artifact_id_key', ['id'], { unique: true })
@Index('oauth_artifact_grant_id_idx', ['grantId'], { where: 'grant_id IS NOT NULL' })
@Index('oauth_artifact_client_id_idx', ['clientId'], { where: 'client_id IS NOT NULL' })
@Index('oauth_artifact_user_id_idx', ['userId'], { where: 'user_id IS NOT NULL' })
@Index('oauth_artifact_uid_digest_idx', ['uidDigest'], { where: 'uid_digest IS NOT NULL' })
@Index('oauth_artifact_user_code_digest_idx', ['userCodeDigest'], { where: 'user_code_digest IS NOT NULL' })
@Index('oauth_artifact_expires_at_idx', ['expiresAt'])
export class ArtifactEntity {
  /** The library's name of the model: `AccessToken`, `Session`, … */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'oauth_artifact_pkey' })
  model: string;

  @PrimaryColumn('bytea', { name: 'id_digest', primaryKeyConstraintName: 'oauth_artifact_pkey' })
  idDigest: Buffer;

  /** Identifies the row where the artifact's value must not be revealed. */
  @Column('uuid')
  id: string;

  /** Payload without anything that a reader could use. */
  @Column('jsonb', { nullable: true })
  payload: object | null;

  /** Set instead of `payload` if the payload holds something that a reader could use. */
  @Column('text', { name: 'sealed_payload', nullable: true })
  sealedPayload: string | null;

  @Column('text', { name: 'grant_id', nullable: true })
  grantId: string | null;

  @Column('text', { name: 'client_id', nullable: true })
  clientId: string | null;

  @Column('uuid', { name: 'user_id', nullable: true })
  userId: string | null;

  /** Id of the client secret that a token was issued for. */
  @Column('uuid', { name: 'client_secret_id', nullable: true })
  clientSecretId: string | null;

  @Column('bytea', { name: 'uid_digest', nullable: true })
  uidDigest: Buffer | null;

  @Column('bytea', { name: 'user_code_digest', nullable: true })
  userCodeDigest: Buffer | null;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent: string | null;

  @Column('text', { name: 'client_address', nullable: true })
  clientAddress: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'consumed_at', nullable: true })
  consumedAt: Date | null;
}
