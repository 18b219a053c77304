/** All columns that are sealed with ENCRYPTION_KEYS: the scope of `gatehouse reseal`. */
import type { SealedColumn } from '../platform/crypto/resealer.js';

export const PROVIDER_KEY_COLUMN: SealedColumn = {
  description: 'stored provider key',
  table: 'provider_key',
  column: 'sealed_secret',
  key: 'id',
};

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  PROVIDER_KEY_COLUMN,
  {
    description: 'client secret at an identity provider',
    table: 'identity_provider',
    column: 'sealed_client_secret',
    key: 'id',
  },
  { description: 'content of a call', table: 'interaction_content', column: 'sealed_content', key: 'interaction_id' },
  { description: 'secret of a webhook guardrail', table: 'llm_proxy', column: 'sealed_guardrail_secret', key: 'id' },
  { description: 'webhook secret', table: 'webhook', column: 'sealed_secret', key: 'id' },
  { description: 'signing key', table: 'oauth_signing_key', column: 'sealed_private_jwk', key: 'kid' },
  {
    description: 'browser session or sign-in in progress',
    table: 'oauth_artifact',
    column: 'sealed_payload',
    key: 'id',
    contextId: "encode(id_digest, 'hex')",
  },
];
