import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PublicJwk } from './verification-key.js';

/** The last good key set of a provider, so that a restart during the provider's outage works. */
@Entity('identity_key_set')
export class KeySetEntity {
  @PrimaryColumn('uuid', { name: 'identity_provider_id', primaryKeyConstraintName: 'identity_key_set_pkey' })
  identityProviderId: string;

  /** Public keys, and the address that they came from: a set from another address counts for nothing. */
  @Column('jsonb')
  jwks: { source: string; keys: readonly PublicJwk[] };

  @Column('timestamptz', { name: 'fetched_at' })
  fetchedAt: Date;
}
