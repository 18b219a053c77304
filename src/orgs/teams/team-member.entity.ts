import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A user's membership in a team, with their role in it. */
@Entity('team_member')
@Index('team_member_user_id_idx', ['userId'])
@Index('team_member_identity_provider_id_idx', ['identityProviderId'])
export class TeamMemberEntity {
  @PrimaryColumn('uuid', { name: 'team_id', primaryKeyConstraintName: 'team_member_pkey' })
  teamId: string;

  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'team_member_pkey' })
  userId: string;

  @Column('text', { default: 'member' })
  role: string;

  @Column('timestamptz', { name: 'joined_at', default: () => 'now()' })
  joinedAt: Date;

  /**
   * The identity provider whose group created this membership and may remove it; null: a user of the organization
   * created it.
   */
  @Column('uuid', { name: 'identity_provider_id', nullable: true })
  identityProviderId: string | null;
}
