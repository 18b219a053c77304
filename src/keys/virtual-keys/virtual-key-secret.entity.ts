import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A live secret of a virtual key: its digest, and when it expires (null: with the key). */
@Entity('virtual_key_secret')
@Index('virtual_key_secret_virtual_key_id_idx', ['virtualKeyId'])
export class VirtualKeySecretEntity {
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'virtual_key_secret_pkey' })
  digest: Buffer;

  @Column('uuid', { name: 'virtual_key_id' })
  virtualKeyId: string;

  @Column('timestamptz', { name: 'not_after', nullable: true })
  notAfter: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
