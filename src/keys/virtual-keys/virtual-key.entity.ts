import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A virtual key, without its secret. */
@Entity('virtual_key')
@Index('virtual_key_organization_id_idx', ['organizationId', 'id'])
@Index('virtual_key_owner_id_idx', ['ownerId'])
@Index('virtual_key_payer_team_id_idx', ['payerTeamId'], { where: 'payer_team_id IS NOT NULL' })
export class VirtualKeyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'virtual_key_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'key_type' })
  keyType: string;

  @Column('text')
  scope: string;

  @Column('uuid', { name: 'owner_id', nullable: true })
  ownerId: string | null;

  @Column('uuid', { name: 'team_ids', array: true, default: () => "'{}'" })
  teamIds: string[];

  /** Null: calls count for the teams of the user who makes them. */
  @Column('uuid', { name: 'payer_team_id', nullable: true })
  payerTeamId: string | null;

  @Column('text', { name: 'allowed_models', array: true, default: () => "'{}'" })
  allowedModels: string[];

  @Column('uuid', { name: 'allowed_proxy_ids', array: true, default: () => "'{}'" })
  allowedProxyIds: string[];

  @Column('text', { name: 'token_start' })
  tokenStart: string;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
