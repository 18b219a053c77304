import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The end of an organization's chain of audit entries: the number of entries, and the hash of the last one. */
@Entity('audit_chain_head')
export class AuditChainHeadEntity {
  @PrimaryColumn('uuid', { name: 'organization_id', primaryKeyConstraintName: 'audit_chain_head_pkey' })
  organizationId: string;

  /** 64 bits wide, so it is read as text. */
  @Column('bigint', { name: 'entry_count' })
  entryCount: string;

  @Column('bytea')
  hash: Buffer;
}
