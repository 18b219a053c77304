import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { WINDOWLESS_TYPES } from './limit-types.js';

const IS_WINDOWLESS = WINDOWLESS_TYPES.map((type) => `limit_type = '${type}'`).join(' OR ');

/** Maximum usage of an organization's entity in a window. */
@Entity('usage_limit')
@Check('usage_limit_window_check', `("window" IS NULL) = (${IS_WINDOWLESS})`)
@Check(
  'usage_limit_each_check',
  `entity_id IS NULL AND entity_type <> 'organization' OR entity_id IS NOT NULL AND NOT include_existing`,
)
@Index('usage_limit_organization_id_idx', ['organizationId', 'entityType', 'entityId'])
export class LimitEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'usage_limit_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text', { name: 'entity_type' })
  entityType: string;

  /** Null: applies to each entity of this kind separately. */
  @Column('uuid', { name: 'entity_id', nullable: true })
  entityId: string | null;

  /** For a default limit: whether it includes entities that existed before it. */
  @Column('boolean', { name: 'include_existing', default: false })
  includeExisting: boolean;

  @Column('text', { name: 'limit_type' })
  limitType: string;

  @Column('double precision', { name: 'limit_value' })
  limitValue: number;

  @Column('text', { array: true, default: '{}' })
  model: string[];

  /** Null: the type has a fixed window. */
  @Column('text', { nullable: true })
  window: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
