/**
 * Attributes of a span: named by the semantic conventions for generative AI and HTTP if they define one, else
 * `gatehouse.*`. Never contains a header, a body or a query.
 */
import { SpanStatusCode, type Attributes } from '@opentelemetry/api';
import { getClientId, getUserId } from '../../auth/callers/caller.js';
import type { InteractionRecord } from '../../usage/recording/interaction-record.js';
import { getErrorType, toSemanticProvider } from './semantic-names.js';

/** Returns `{operation} {model}`; only the HTTP method for a request that never became an operation. */
export function getSpanName({ operation, requestedModel, method }: InteractionRecord): string {
  if (operation === null) return method;
  return requestedModel === null ? operation : `${operation} ${requestedModel}`;
}

/**
 * Returns the status. A caller's mistake is not an error of a server's span (semantic conventions for HTTP spans,
 * "Status").
 */
export function getSpanStatus({ outcome, status }: InteractionRecord): SpanStatusCode {
  const isFailed =
    status >= 500 || outcome === 'error' || outcome === 'cut' || (outcome === 'upstream_error' && status < 400);
  return isFailed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET;
}

/**
 * Returns the attributes; the tracer omits undefined ones. One literal: merging parts costs more than the span itself.
 */
export function buildSpanAttributes(record: InteractionRecord): Attributes {
  const { usage, caller } = record;
  return {
    'gen_ai.operation.name': record.operation ?? undefined,
    'gen_ai.provider.name': record.provider === null ? undefined : toSemanticProvider(record.provider),
    'gen_ai.request.model': record.requestedModel ?? undefined,
    'gen_ai.response.model': record.servedModel ?? undefined,
    'gen_ai.response.id': record.responseId ?? undefined,
    'gen_ai.response.finish_reasons': record.finishReasons.length > 0 ? [...record.finishReasons] : undefined,
    'gen_ai.conversation.id': record.sessionId ?? undefined,
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'http.request.method': record.method,
    'http.response.status_code': record.status,
    'client.address': record.clientAddress ?? undefined,
    'error.type': getErrorType(record) ?? undefined,
    'gatehouse.request_id': record.requestId,
    'gatehouse.surface': record.surface,
    'gatehouse.auth_method': record.authMethod ?? undefined,
    'gatehouse.organization_id': record.organizationId ?? undefined,
    'gatehouse.proxy_id': record.proxyId ?? undefined,
    'gatehouse.credential_id': caller?.credentialId,
    'gatehouse.oauth_client_id': (caller && getClientId(caller)) ?? undefined,
    'gatehouse.user_id': (caller && getUserId(caller)) ?? undefined,
    'gatehouse.outcome': record.outcome,
    'gatehouse.streaming': record.streaming,
    'gatehouse.first_byte_ms': record.firstByteMs ?? undefined,
    'gatehouse.usage_estimated': record.estimated || undefined,
    'gatehouse.cost_usd': record.costMicroUsd === null ? undefined : record.costMicroUsd / 1e6,
    'gatehouse.billing': record.billing,
    'gatehouse.claimed.agent_id': record.agentId ?? undefined,
    'gatehouse.claimed.user_id': record.claimedUserId ?? undefined,
    'gatehouse.claimed.session_id': record.sessionId ?? undefined,
    'gatehouse.claimed.run_id': record.runId ?? undefined,
    'gatehouse.claimed.client_name': record.clientName ?? undefined,
    'gatehouse.claimed.client_version': record.clientVersion ?? undefined,
  };
}
