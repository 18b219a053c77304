import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Links a provider's subject to a user. */
@Entity('identity_link')
@Index('identity_link_identity_provider_id_subject_key', ['identityProviderId', 'subject'], { unique: true })
@Index('identity_link_identity_provider_id_user_id_key', ['identityProviderId', 'userId'], { unique: true })
@Index('identity_link_user_id_idx', ['userId'])
export class IdentityLinkEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'identity_link_pkey' })
  id: string;

  @Column('uuid', { name: 'identity_provider_id' })
  identityProviderId: string;

  @Column('text')
  subject: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  /** Origin of the link: `admin`, `email` or `created`. */
  @Column('text')
  source: string;

  /** Issue time of the token whose groups last changed the user's teams or role; null: none did. */
  @Column('timestamptz', { name: 'groups_as_of', nullable: true })
  groupsAsOf: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
