import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A URL of an organization that receives its events. */
@Entity('webhook')
@Index('webhook_organization_id_idx', ['organizationId'])
export class WebhookEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  url: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('text', { array: true })
  events: string[];

  @Column('boolean', { name: 'is_disabled', default: false })
  isDisabled: boolean;

  @Column('text', { name: 'sealed_secret' })
  sealedSecret: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

/** Associated data of the sealed secret of a webhook. */
export const createWebhookSealContext = (id: string) => ({ table: 'webhook', column: 'sealed_secret', id });
