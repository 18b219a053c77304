import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A group of users of one organisation. */
@Entity('team')
@Index('team_organisation_id_name_key', ['organisationId', 'name'], { unique: true })
export class TeamEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'team_pkey' })
  id: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId: string;

  @Column('text')
  name: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
