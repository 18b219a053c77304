/**
 * Estimates the maximum usage of a call before it is sent. The error of this estimate bounds overspending: calls in
 * flight exceed a budget only by their usage beyond it. The estimate is too low for text with more tokens than a
 * quarter of its bytes, for responses longer than `DEFAULT_OUTPUT_TOKENS` to calls without a maximum, and for several
 * responses to one call. Pure.
 */
import type { RequestInfo, TokenUsage } from '../../../providers/dialects/base/dialect.js';
import type { RouteRule } from '../../../providers/contract/provider-adapter.js';

/** Beyond the context of every model. */
const MAX_INPUT_TOKENS = 2_000_000;

/**
 * For calls without a maximum. Nearly all responses are shorter; a higher value would refuse calls for tokens that they
 * do not use.
 */
export const DEFAULT_OUTPUT_TOKENS = 4_096;

/** Upper bound for a client's maximum: a larger one only exists to be refused by the provider. */
const MAX_OUTPUT_TOKENS = 10_000_000;

/** @param inputTokens of the request as sent (see `estimateBodyTokens`) */
export function estimateUsage(
  { operation }: Pick<RouteRule, 'operation'>,
  { maxOutputTokens }: Pick<RequestInfo, 'maxOutputTokens'>,
  inputTokens: number,
): TokenUsage {
  const ceiling = maxOutputTokens !== null && maxOutputTokens > 0 ? maxOutputTokens : DEFAULT_OUTPUT_TOKENS;
  return {
    inputTokens: Math.min(inputTokens, MAX_INPUT_TOKENS),
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: operation === 'embeddings' ? 0 : Math.ceil(Math.min(ceiling, MAX_OUTPUT_TOKENS)),
    reasoningTokens: 0,
  };
}
