import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { GuardrailDecision } from '../../orgs/llm-proxies/policy/guardrail.js';
import type { Billing } from '../../providers/contract/billing.js';
import type { Attempt } from '../recording/interaction-record.js';

/**
 * The record of one call. Proven identity (method, key, client, user) and claims (agent, session, run, claimed user)
 * are stored in separate columns.
 */
@Entity('interaction')
@Index('interaction_organization_id_idx', ['organizationId', 'createdAt', 'id'])
@Index('interaction_status_idx', ['organizationId', 'status', 'createdAt', 'id'])
@Index('interaction_auth_method_idx', ['organizationId', 'authMethod', 'createdAt', 'id'])
@Index('interaction_virtual_key_id_idx', ['organizationId', 'virtualKeyId', 'createdAt', 'id'])
@Index('interaction_oauth_client_id_idx', ['organizationId', 'oauthClientId', 'createdAt', 'id'])
@Index('interaction_user_id_idx', ['organizationId', 'userId', 'createdAt', 'id'])
@Index('interaction_proxy_id_idx', ['organizationId', 'proxyId', 'createdAt', 'id'])
@Index('interaction_session_id_idx', ['organizationId', 'sessionId', 'createdAt', 'id'])
@Index('interaction_agent_id_idx', ['organizationId', 'agentId', 'createdAt', 'id'])
@Index('interaction_client_name_idx', ['organizationId', 'clientName', 'createdAt', 'id'])
export class InteractionEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'interaction_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  /** Millisecond precision. The table is partitioned by its day. */
  @PrimaryColumn('timestamptz', { name: 'created_at', precision: 3, primaryKeyConstraintName: 'interaction_pkey' })
  createdAt: Date;

  @Column('text', { name: 'request_id' })
  requestId: string;

  @Column('text')
  surface: string;

  @Column('text', { name: 'auth_method', nullable: true })
  authMethod: string | null;

  @Column('text', { name: 'credential_id', nullable: true })
  credentialId: string | null;

  @Column('uuid', { name: 'virtual_key_id', nullable: true })
  virtualKeyId: string | null;

  @Column('text', { name: 'oauth_client_id', nullable: true })
  oauthClientId: string | null;

  @Column('uuid', { name: 'user_id', nullable: true })
  userId: string | null;

  @Column('text', { name: 'key_fingerprint', nullable: true })
  keyFingerprint: string | null;

  @Column('uuid', { name: 'provider_key_id', nullable: true })
  providerKeyId: string | null;

  @Column('uuid', { name: 'proxy_id', nullable: true })
  proxyId: string | null;

  @Column('text', { nullable: true })
  provider: string | null;

  @Column('text', { nullable: true })
  operation: string | null;

  @Column('text')
  method: string;

  @Column('text')
  path: string;

  @Column('text', { name: 'requested_model', nullable: true })
  requestedModel: string | null;

  @Column('text', { name: 'served_model', nullable: true })
  servedModel: string | null;

  @Column('bigint', { name: 'input_tokens', nullable: true })
  inputTokens: string | null;

  @Column('bigint', { name: 'cached_input_tokens', nullable: true })
  cachedInputTokens: string | null;

  @Column('bigint', { name: 'cache_write_tokens', nullable: true })
  cacheWriteTokens: string | null;

  /** Part of `cacheWriteTokens` that is cached for an hour. */
  @Column('bigint', { name: 'long_cache_write_tokens', nullable: true })
  longCacheWriteTokens: string | null;

  @Column('bigint', { name: 'output_tokens', nullable: true })
  outputTokens: string | null;

  @Column('bigint', { name: 'reasoning_tokens', nullable: true })
  reasoningTokens: string | null;

  @Column('boolean', { default: false })
  estimated: boolean;

  @Column('double precision', { name: 'cost_micro_usd', nullable: true })
  costMicroUsd: number | null;

  /** The price that the cost is based on: `own:<id>` or `list:<digest>`. */
  @Column('text', { name: 'price_version', nullable: true })
  priceVersion: string | null;

  @Column('text', { default: 'metered' })
  billing: Billing;

  @Column('double precision', { name: 'duration_ms' })
  durationMs: number;

  @Column('double precision', { name: 'first_byte_ms', nullable: true })
  firstByteMs: number | null;

  @Column('boolean', { default: false })
  streaming: boolean;

  @Column('smallint')
  status: number;

  @Column('text')
  outcome: string;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;

  @Column('text', { name: 'error_reason', nullable: true })
  errorReason: string | null;

  @Column('text', { name: 'agent_id', nullable: true })
  agentId: string | null;

  @Column('text', { name: 'claimed_user_id', nullable: true })
  claimedUserId: string | null;

  @Column('text', { name: 'session_id', nullable: true })
  sessionId: string | null;

  @Column('text', { name: 'run_id', nullable: true })
  runId: string | null;

  /** Name of the calling program, if it is a known one. */
  @Column('text', { name: 'client_name', nullable: true })
  clientName: string | null;

  @Column('text', { name: 'client_version', nullable: true })
  clientVersion: string | null;

  /** Attempts of the Model Router, in order; null on other surfaces. */
  @Column('jsonb', { nullable: true })
  attempts: Attempt[] | null;

  /** Decisions of guardrails; null: none. */
  @Column('jsonb', { nullable: true })
  guardrails: GuardrailDecision[] | null;

  /** The teams that the call was counted for. */
  @Column('uuid', { name: 'team_ids', array: true, nullable: true })
  teamIds: string[] | null;

  @Column('text', { name: 'client_address', nullable: true })
  clientAddress: string | null;
}
