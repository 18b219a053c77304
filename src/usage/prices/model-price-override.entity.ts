import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A price that an organization sets instead of the list price from an instant on, in US dollars per million tokens. */
@Entity('model_price_override')
@Index('model_price_override_effective_from_key', ['organizationId', 'provider', 'model', 'effectiveFrom'], {
  unique: true,
})
export class ModelPriceOverrideEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'model_price_override_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  provider: string;

  @Column('text')
  model: string;

  @Column('double precision')
  input: number;

  @Column('double precision')
  output: number;

  @Column('double precision', { name: 'cache_read', nullable: true })
  cacheRead: number | null;

  @Column('double precision', { name: 'cache_write', nullable: true })
  cacheWrite: number | null;

  /** For cache entries that live an hour; null: as `cacheWrite`. */
  @Column('double precision', { name: 'cache_write_1h', nullable: true })
  longCacheWrite: number | null;

  /** Start; it applies until the model's next entry. */
  @Column({ type: 'timestamptz', name: 'effective_from', precision: 3 })
  effectiveFrom: Date;

  /** Whether the list price applies from then on; the rates are then ignored. */
  @Column('boolean', { name: 'is_lifted', default: false })
  isLifted: boolean;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
