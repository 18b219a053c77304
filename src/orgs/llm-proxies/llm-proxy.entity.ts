import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An LLM proxy: a named endpoint for calls, with the rules that apply to them. */
@Entity('llm_proxy')
@Index('llm_proxy_organization_id_name_key', ['organizationId', 'name'], { unique: true })
@Index('llm_proxy_default_key', ['organizationId'], { unique: true, where: 'is_default' })
export class LlmProxyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'llm_proxy_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  name: string;

  @Column('boolean', { name: 'is_default', default: false })
  isDefault: boolean;

  @Column('uuid', { name: 'team_ids', array: true, default: () => "'{}'" })
  teamIds: string[];

  @Column('boolean', { name: 'allow_direct_keys', default: true })
  allowDirectKeys: boolean;

  @Column('boolean', { name: 'allow_jwt_on_router', default: false })
  allowJwtOnRouter: boolean;

  @Column('boolean', { name: 'strict_audit', default: false })
  strictAudit: boolean;

  @Column('jsonb', { default: () => "'{}'" })
  policy: object;

  /** The identity providers whose tokens are accepted here. */
  @Column('uuid', { name: 'identity_provider_ids', array: true, default: () => "'{}'" })
  identityProviderIds: string[];

  @Column('text', { name: 'capture_content', nullable: true })
  captureContent: string | null;

  @Column('integer', { name: 'content_retention_days', nullable: true })
  contentRetentionDays: number | null;

  /** Signs the requests of its webhook guardrail; null without such a guardrail. */
  @Column('text', { name: 'sealed_guardrail_secret', nullable: true })
  sealedGuardrailSecret: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
