/** Everything that is sealed with ENCRYPTION_KEYS: what `gatehouse reseal` goes through. */
import type { SealedColumn } from './platform/crypto/resealer.js';

export const PROVIDER_KEYS: SealedColumn = {
  what: 'stored provider key',
  table: 'provider_key',
  column: 'sealed_secret',
  key: 'id',
};

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  PROVIDER_KEYS,
  { what: 'signing key', table: 'oauth_signing_key', column: 'sealed_private_jwk', key: 'kid' },
  {
    what: 'browser session or sign-in under way',
    table: 'oauth_artifact',
    column: 'sealed_payload',
    key: 'id',
    placeId: "encode(id_digest, 'hex')",
  },
];
