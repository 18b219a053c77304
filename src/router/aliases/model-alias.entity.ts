import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AliasTarget } from './alias.js';

/** An organization's own name for models of providers. */
@Entity('model_alias')
@Index('model_alias_organization_id_name_key', ['organizationId', 'name'], { unique: true })
export class ModelAliasEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'model_alias_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('jsonb')
  targets: AliasTarget[];

  @Column('boolean', { name: 'cross_key_owners', default: false })
  crossKeyOwners: boolean;

  @Column('integer', { name: 'max_attempts', default: 3 })
  maxAttempts: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
