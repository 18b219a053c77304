import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A role defined by an organization: a named set of permissions. */
@Entity('custom_role')
@Index('custom_role_organization_id_name_key', ['organizationId', 'name'], { unique: true })
export class CustomRoleEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'custom_role_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

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
