import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A user in a team, with the role held there. */
@Entity('team_member')
@Index('team_member_user_id_idx', ['userId'])
export class TeamMemberEntity {
  @PrimaryColumn('uuid', { name: 'team_id', primaryKeyConstraintName: 'team_member_pkey' })
  teamId: string;

  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'team_member_pkey' })
  userId: string;

  @Column('text', { default: 'member' })
  role: string;

  @Column('timestamptz', { name: 'joined_at', default: () => 'now()' })
  joinedAt: Date;
}
