import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A user in a team, with the role held there. */
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

  /** Null: somebody of the organisation made this membership. Else the identity provider whose group did, and takes it back. */
  @Column('uuid', { name: 'identity_provider_id', nullable: true })
  identityProviderId: string | null;
}
