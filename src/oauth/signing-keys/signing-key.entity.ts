import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A key pair that signs ID tokens. The private half is sealed. */
@Entity('oauth_signing_key')
export class SigningKeyEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'oauth_signing_key_pkey' })
  kid: string;

  /** JWS algorithm (RFC 7518 §3.1). */
  @Column('text')
  alg: string;

  @Column('jsonb', { name: 'public_jwk' })
  publicJwk: object;

  @Column('text', { name: 'sealed_private_jwk' })
  sealedPrivateJwk: string;

  /** Instant from which the key signs; before it, the key is only published. */
  @Column('timestamptz', { name: 'active_from' })
  activeFrom: Date;

  /** Instant at which publication ends; null: not set yet. */
  @Column('timestamptz', { name: 'not_after', nullable: true })
  notAfter: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
