import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The content of one call. */
@Entity('interaction_content')
export class InteractionContentEntity {
  @PrimaryColumn('uuid', { name: 'interaction_id', primaryKeyConstraintName: 'interaction_content_pkey' })
  interactionId: string;

  @Index('interaction_content_organization_id_idx')
  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text', { name: 'capture_content' })
  captureContent: string;

  @Column('text', { name: 'sealed_content' })
  sealedContent: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Index('interaction_content_expires_at_idx')
  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
