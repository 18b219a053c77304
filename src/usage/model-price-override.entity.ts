import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A price that an organisation sets over the price list from an instant on, US dollars per million tokens. */
@Entity('model_price_override')
@Index('model_price_override_effective_from_key', ['organisationId', 'provider', 'model', 'effectiveFrom'], {
  unique: true,
})
export class ModelPriceOverrideEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'model_price_override_pkey' })
  id: string;

  @Column('uuid', { name: 'organisation_id' })
  organisationId: string;

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

  /** Of entries that the provider keeps for an hour; null: as `cacheWrite`. */
  @Column('double precision', { name: 'cache_write_1h', nullable: true })
  longCacheWrite: number | null;

  /** It holds until the next one of the model does. */
  @Column({ type: 'timestamptz', name: 'effective_from', precision: 3 })
  effectiveFrom: Date;

  /** From then on the price list holds; the rates mean nothing. */
  @Column('boolean', { name: 'is_lifted', default: false })
  isLifted: boolean;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
