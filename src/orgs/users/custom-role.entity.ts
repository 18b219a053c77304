import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A role defined by an organization: a named set of permissions. */
@Entity('custom_role')
@Index('custom_role_organisation_id_name_key', ['organisationId', 'name'], { unique: true })
export class CustomRoleEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'custom_role_pkey' })
  id: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('text', { array: true })
  permissions: string[];

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
