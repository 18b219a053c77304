import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A group of users of one organization. */
@Entity('team')
@Index('team_organization_id_name_key', ['organizationId', 'name'], { unique: true })
@Index('team_external_id_key', ['organizationId', 'externalId'], { unique: true })
export class TeamEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'team_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  name: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  /** The team's id in the organization's directory (SCIM 2.0); null: the directory does not know it. */
  @Column('text', { name: 'external_id', nullable: true })
  externalId: string | null;
}
