import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A group of a provider whose members belong to a team. */
@Entity('team_external_group')
@Index('team_external_group_key', ['teamId', 'identityProviderId', 'groupName'], { unique: true })
@Index('team_external_group_identity_provider_id_idx', ['identityProviderId', 'groupName'])
export class TeamExternalGroupEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'team_external_group_pkey' })
  id: string;

  @Column('uuid', { name: 'team_id' })
  teamId: string;

  @Column('uuid', { name: 'identity_provider_id' })
  identityProviderId: string;

  @Column('text', { name: 'group_name' })
  groupName: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
