import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One change: its actor, its target, and the target before and after. Never contains a secret. */
@Entity('audit_entry')
@Index('audit_entry_organization_id_idx', { synchronize: false })
@Index('audit_entry_target_id_idx', { synchronize: false })
@Index('audit_entry_unsealed_idx', ['organizationId', 'id'], { where: 'sequence IS NULL' })
@Index('audit_entry_sequence_key', ['organizationId', 'sequence'], { unique: true })
export class AuditEntryEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_entry_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('text', { name: 'actor_type' })
  actorType: string;

  @Column('text', { name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column('text', { name: 'credential_id', nullable: true })
  credentialId: string | null;

  @Column('text')
  action: string;

  @Column('text', { name: 'target_type' })
  targetType: string;

  @Column('text', { name: 'target_id', nullable: true })
  targetId: string | null;

  @Column('jsonb', { nullable: true })
  before: object | null;

  @Column('jsonb', { nullable: true })
  after: object | null;

  @Column('text', { name: 'request_id', nullable: true })
  requestId: string | null;

  @Column('text', { name: 'client_address', nullable: true })
  clientAddress: string | null;

  /**
   * Number in the organization's chain, from 1, as text: it is 64 bits wide. Null, like the hashes, until the entry is
   * sealed.
   */
  @Column('bigint', { nullable: true })
  sequence: string | null;

  @Column('bytea', { name: 'previous_hash', nullable: true })
  previousHash: Buffer | null;

  @Column('bytea', { nullable: true })
  hash: Buffer | null;
}
