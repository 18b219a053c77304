/** The one INSERT of the recorder: a column of values per table column, so that a batch of any size is one statement. */
import type { OrgId } from '../platform/ids.js';
import { provenIdentity, type InteractionRecord } from './interaction-record.js';

type Row = InteractionRecord & ReturnType<typeof provenIdentity>;
type Column = readonly [name: string, type: string, value: (row: Row, fallback: OrgId | null) => unknown];

const COLUMNS: readonly Column[] = [
  ['id', 'uuid', (r) => r.id],
  ['organisation_id', 'uuid', (r, fallback) => r.organisationId ?? fallback],
  ['created_at', 'timestamptz', (r) => new Date(r.createdAt).toISOString()],
  ['request_id', 'text', (r) => r.requestId],
  ['surface', 'text', (r) => r.surface],
  ['auth_method', 'text', (r) => r.authMethod],
  ['credential_id', 'text', (r) => r.credentialId],
  ['virtual_key_id', 'uuid', (r) => r.virtualKeyId],
  ['oauth_client_id', 'text', (r) => r.oauthClientId],
  ['user_id', 'uuid', (r) => r.userId],
  ['key_fingerprint', 'text', (r) => r.keyFingerprint],
  ['provider_key_id', 'uuid', (r) => r.providerKeyId],
  ['proxy_id', 'uuid', (r) => r.proxyId],
  ['provider', 'text', (r) => r.provider],
  ['operation', 'text', (r) => r.operation],
  ['method', 'text', (r) => r.method],
  ['path', 'text', (r) => r.path],
  ['requested_model', 'text', (r) => r.requestedModel],
  ['served_model', 'text', (r) => r.servedModel],
  ['input_tokens', 'bigint', (r) => r.usage?.inputTokens],
  ['cached_input_tokens', 'bigint', (r) => r.usage?.cachedInputTokens],
  ['cache_write_tokens', 'bigint', (r) => r.usage?.cacheWriteTokens],
  ['output_tokens', 'bigint', (r) => r.usage?.outputTokens],
  ['reasoning_tokens', 'bigint', (r) => r.usage?.reasoningTokens],
  ['estimated', 'boolean', (r) => r.estimated],
  ['cost_micro_usd', 'double precision', (r) => r.costMicroUsd],
  ['duration_ms', 'double precision', (r) => r.durationMs],
  ['first_byte_ms', 'double precision', (r) => r.firstByteMs],
  ['streaming', 'boolean', (r) => r.streaming],
  ['status', 'smallint', (r) => r.status],
  ['outcome', 'text', (r) => r.outcome],
  ['error_code', 'text', (r) => r.errorCode],
  ['error_reason', 'text', (r) => r.errorReason],
  ['agent_id', 'text', (r) => r.agentId],
  ['claimed_user_id', 'text', (r) => r.claimedUserId],
  ['session_id', 'text', (r) => r.sessionId],
  ['run_id', 'text', (r) => r.runId],
  ['client_address', 'text', (r) => r.clientAddress],
];

// A batch whose answer was lost may have been written: the second try must not fail on it, nor write it twice.
export const INSERT_INTERACTIONS = `
  INSERT INTO interaction (${COLUMNS.map(([name]) => name).join(', ')})
  SELECT * FROM unnest(${COLUMNS.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')})
  ON CONFLICT (id) DO NOTHING`;

/** The parameters of `INSERT_INTERACTIONS`. Text of clients is cleared of NUL, which Postgres does not store. */
export function toColumns(batch: readonly InteractionRecord[], fallback: OrgId | null): unknown[][] {
  const rows: Row[] = batch.map((record) => ({ ...record, ...provenIdentity(record.caller) }));
  return COLUMNS.map(([, type, value]) =>
    rows.map((row) => {
      const it = value(row, fallback) ?? null;
      return type === 'text' && typeof it === 'string' && it.includes('\0') ? it.replaceAll('\0', '') : it;
    }),
  );
}
