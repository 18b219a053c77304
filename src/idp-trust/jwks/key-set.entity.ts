import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PublicJwk } from './verification-key.js';

/** The last good key set of a provider, so that Gatehouse can restart during the provider's outage. */
@Entity('identity_key_set')
export class KeySetEntity {
  @PrimaryColumn('uuid', { name: 'identity_provider_id', primaryKeyConstraintName: 'identity_key_set_pkey' })
  identityProviderId: string;

  /** Public keys and the URL that they came from. A set from another URL is ignored. */
  @Column('jsonb')
  jwks: { source: string; keys: readonly PublicJwk[] };

  @Column('timestamptz', { name: 'fetched_at' })
  fetchedAt: Date;
}
