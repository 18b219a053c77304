import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The user whom a provider's subject is. */
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

  /** How it came about: `admin`, `email` or `created`. */
  @Column('text')
  source: string;

  /** When the token was issued whose groups changed the user's teams or role last; null: none has. */
  @Column('timestamptz', { name: 'groups_as_of', nullable: true })
  groupsAsOf: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
