/**
 * The recorder's single statement: it inserts records and counts them for the statistics. A batch is sent as one JSON
 * document: serializing it costs a fraction of the driver's cost for an array per column, and a batch of any size uses
 * the same prepared statement.
 */
import { getCallerIdentity, type InteractionRecord } from './interaction-record.js';
import { COUNT_INSERTED, COUNTED_COLUMNS } from '../rollup/counters.js';

/** Column → type, in the order of the INSERT; the names are also the members of a row's JSON. */
const COLUMNS = {
  id: 'uuid',
  organization_id: 'uuid',
  created_at: 'timestamptz',
  request_id: 'text',
  surface: 'text',
  auth_method: 'text',
  credential_id: 'text',
  virtual_key_id: 'uuid',
  oauth_client_id: 'text',
  user_id: 'uuid',
  key_fingerprint: 'text',
  provider_key_id: 'uuid',
  proxy_id: 'uuid',
  provider: 'text',
  operation: 'text',
  method: 'text',
  path: 'text',
  requested_model: 'text',
  served_model: 'text',
  input_tokens: 'bigint',
  cached_input_tokens: 'bigint',
  cache_write_tokens: 'bigint',
  long_cache_write_tokens: 'bigint',
  output_tokens: 'bigint',
  reasoning_tokens: 'bigint',
  estimated: 'boolean',
  cost_micro_usd: 'double precision',
  price_version: 'text',
  billing: 'text',
  duration_ms: 'double precision',
  first_byte_ms: 'double precision',
  streaming: 'boolean',
  status: 'smallint',
  outcome: 'text',
  error_code: 'text',
  error_reason: 'text',
  agent_id: 'text',
  claimed_user_id: 'text',
  session_id: 'text',
  run_id: 'text',
  client_name: 'text',
  client_version: 'text',
  attempts: 'jsonb',
  guardrails: 'jsonb',
  team_ids: 'uuid[]',
  client_address: 'text',
} as const;

const NAMES = Object.keys(COLUMNS).join(', ');
const SELECTED = NAMES.replace(
  'organization_id',
  'coalesce(organization_id, (SELECT id FROM organization WHERE is_default))',
).replace('billing', `coalesce(billing, 'metered')`);
const TYPED = Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

// Calls without an organization belong to the deployment's default one. Rows spooled by an earlier version have no
// billing. A batch whose response was lost may have been written: the retry must neither fail on it nor write it twice.
export const INSERT_INTERACTIONS = `
  WITH inserted AS (
  INSERT INTO interaction (${NAMES})
  SELECT ${SELECTED}
    FROM json_to_recordset($1::json) AS r (${TYPED})
  ON CONFLICT (id, created_at) DO NOTHING
  RETURNING ${COUNTED_COLUMNS}),${COUNT_INSERTED}`;

/** Undefined members are omitted from the JSON, and so become NULL. */
type Row = Record<keyof typeof COLUMNS, string | number | boolean | readonly (object | string)[] | undefined>;

/**
 * Serializes one record as a JSON row. Records wait in this form until they are written: one flat string each costs the
 * garbage collector almost nothing, while thousands of waiting objects were a quarter of a request's cost.
 */
export function toJsonRow(record: InteractionRecord): string {
  const json = JSON.stringify(toRow(record));
  // Postgres stores neither NUL nor lone surrogates, and one such character would refuse the whole batch.
  return json.includes('\\u0000') || json.includes('\\ud')
    ? json.replace(/\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g, removeEscape)
    : json;
}

/** Returns the parameter of `INSERT_INTERACTIONS`. */
export const toJsonBatch = (rows: readonly string[]): string => `[${rows.join(',')}]`;

const removeEscape = (escape: string): string => (escape === '\\\\' ? escape : '');

function toRow(record: InteractionRecord): Row {
  const { usage } = record;
  const identity = getCallerIdentity(record.caller);
  return {
    id: record.id,
    organization_id: record.organizationId ?? undefined,
    created_at: new Date(record.createdAt).toISOString(),
    request_id: record.requestId,
    surface: record.surface,
    auth_method: record.authMethod ?? undefined,
    credential_id: identity.credentialId ?? undefined,
    virtual_key_id: identity.virtualKeyId ?? undefined,
    oauth_client_id: identity.oauthClientId ?? undefined,
    user_id: identity.userId ?? undefined,
    key_fingerprint: identity.keyFingerprint ?? undefined,
    provider_key_id: record.providerKeyId ?? undefined,
    proxy_id: record.proxyId ?? undefined,
    provider: record.provider ?? undefined,
    operation: record.operation ?? undefined,
    method: record.method,
    path: record.path,
    requested_model: record.requestedModel ?? undefined,
    served_model: record.servedModel ?? undefined,
    input_tokens: usage?.inputTokens,
    cached_input_tokens: usage?.cachedInputTokens,
    cache_write_tokens: usage?.cacheWriteTokens,
    long_cache_write_tokens: usage?.longCacheWriteTokens,
    output_tokens: usage?.outputTokens,
    reasoning_tokens: usage?.reasoningTokens,
    estimated: record.estimated,
    cost_micro_usd: record.costMicroUsd ?? undefined,
    price_version: record.priceVersion ?? undefined,
    billing: record.billing,
    duration_ms: record.durationMs,
    first_byte_ms: record.firstByteMs ?? undefined,
    streaming: record.streaming,
    status: record.status,
    outcome: record.outcome,
    error_code: record.errorCode ?? undefined,
    error_reason: record.errorReason ?? undefined,
    agent_id: record.agentId ?? undefined,
    claimed_user_id: record.claimedUserId ?? undefined,
    session_id: record.sessionId ?? undefined,
    run_id: record.runId ?? undefined,
    client_name: record.clientName ?? undefined,
    client_version: record.clientVersion ?? undefined,
    attempts: record.attempts ?? undefined,
    guardrails: record.guardrails?.length ? record.guardrails : undefined,
    team_ids: record.teamIds.length > 0 ? record.teamIds : undefined,
    client_address: record.clientAddress ?? undefined,
  };
}
