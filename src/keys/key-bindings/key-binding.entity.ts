import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The stored key that a holder uses for a provider. */
@Entity('key_binding')
@Index('key_binding_provider_key_id_idx', ['providerKeyId'])
export class KeyBindingEntity {
  @PrimaryColumn('text', { name: 'holder_type', primaryKeyConstraintName: 'key_binding_pkey' })
  holderType: string;

  @PrimaryColumn('uuid', { name: 'holder_id', primaryKeyConstraintName: 'key_binding_pkey' })
  holderId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'key_binding_pkey' })
  provider: string;

  @Column('uuid', { name: 'provider_key_id' })
  providerKeyId: string;
}
