import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A key pair that ID tokens are signed with. The private half is sealed. */
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

  /** From then on it signs; before, it is published alone. */
  @Column('timestamptz', { name: 'active_from' })
  activeFrom: Date;

  /** From then on it is not published any more; null: no end is set yet. */
  @Column('timestamptz', { name: 'not_after', nullable: true })
  notAfter: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
