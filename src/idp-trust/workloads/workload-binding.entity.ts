import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Binds workloads of a provider (CI jobs, pods) to an application. */
@Entity('workload_binding')
@Index('workload_binding_identity_provider_id_idx', ['identityProviderId'])
@Index('workload_binding_oauth_client_id_idx', ['oauthClientId'])
export class WorkloadBindingEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'workload_binding_pkey' })
  id: string;

  @Column('uuid', { name: 'identity_provider_id' })
  identityProviderId: string;

  @Column('uuid', { name: 'oauth_client_id' })
  oauthClientId: string;

  @Column('text', { name: 'subject_pattern' })
  subjectPattern: string;

  @Column('jsonb', { default: () => "'{}'" })
  claims: Record<string, string | boolean | number>;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
