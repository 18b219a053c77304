import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One tenant: its people, proxies and keys are invisible to other tenants. */
@Entity('organization')
@Index('organization_slug_key', ['slug'], { unique: true })
@Index('organization_default_key', ['isDefault'], { unique: true, where: 'is_default' })
export class OrganizationEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'organization_pkey' })
  id: string;

  @Column('text')
  name: string;

  @Column('text')
  slug: string;

  @Column('boolean', { name: 'is_default', default: false })
  isDefault: boolean;

  @Column('integer', { name: 'client_token_lifetime_seconds', default: 3600 })
  clientTokenLifetimeSeconds: number;

  @Column('integer', { name: 'user_token_lifetime_seconds', default: 3600 })
  userTokenLifetimeSeconds: number;

  @Column('text', { name: 'key_resolution_order', array: true, default: () => "'{personal,team,org}'" })
  keyResolutionOrder: string[];

  @Column('text', { name: 'capture_content', default: 'off' })
  captureContent: string;

  @Column('integer', { name: 'content_retention_days', default: 30 })
  contentRetentionDays: number;

  @Column('boolean', { name: 'allow_self_registered_apps', default: true })
  allowSelfRegisteredApps: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
