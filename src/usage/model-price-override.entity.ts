import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A price that an organisation sets over the price list, US dollars per million tokens. */
@Entity('model_price_override')
export class ModelPriceOverrideEntity {
  @PrimaryColumn('uuid', { name: 'organisation_id', primaryKeyConstraintName: 'model_price_override_pkey' })
  organisationId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_price_override_pkey' })
  provider: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'model_price_override_pkey' })
  model: string;

  @Column('double precision')
  input: number;

  @Column('double precision')
  output: number;

  @Column('double precision', { name: 'cache_read', nullable: true })
  cacheRead: number | null;

  @Column('double precision', { name: 'cache_write', nullable: true })
  cacheWrite: number | null;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
