import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * A person in exactly one organization. The e-mail address is unique in the deployment, because people sign in with it.
 */
@Entity('app_user')
@Index('app_user_email_key', ['email'], { unique: true })
@Index('app_user_organization_id_idx', ['organizationId', 'id'])
@Index('app_user_external_id_key', ['organizationId', 'externalId'], { unique: true })
@Index('app_user_invitation_digest_key', ['invitationDigest'], { unique: true })
@Index('app_user_used_invitation_digest_idx', ['usedInvitationDigest'], {
  where: 'used_invitation_digest IS NOT NULL',
})
@Index('app_user_custom_role_id_idx', ['customRoleId'])
@Check('app_user_custom_role_check', "custom_role_id IS NULL OR role = 'member'")
export class UserEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'app_user_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  email: string;

  @Column('text')
  name: string;

  @Column('text')
  role: string;

  @Column('text', { name: 'password_hash', nullable: true })
  passwordHash: string | null;

  @Column('boolean', { name: 'is_disabled', default: false })
  isDisabled: boolean;

  @Column('timestamptz', { name: 'email_verified_at', nullable: true })
  emailVerifiedAt: Date | null;

  @Column('bytea', { name: 'invitation_digest', nullable: true })
  invitationDigest: Buffer | null;

  /** Digest of the last link that was used. */
  @Column('bytea', { name: 'used_invitation_digest', nullable: true })
  usedInvitationDigest: Buffer | null;

  @Column('timestamptz', { name: 'invitation_expires_at', nullable: true })
  invitationExpiresAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  /** The user's id in the organization's directory (SCIM 2.0); null: the directory does not know them. */
  @Column('text', { name: 'external_id', nullable: true })
  externalId: string | null;

  /** Applies in place of `role`, which is then `member`; null: `role` applies. */
  @Column('uuid', { name: 'custom_role_id', nullable: true })
  customRoleId: string | null;
}
