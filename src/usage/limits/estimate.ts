/**
 * What a call may come to, before it is made. The bound on overspending is the error of this estimate: a budget is passed by
 * no more than what the calls under way use beyond it. Beyond it go text that has more tokens than a quarter of its bytes,
 * answers of calls that name no ceiling and are longer than `DEFAULT_OUTPUT_TOKENS`, and several answers to one call. Pure.
 */
import type { RequestFacts, TokenUsage } from '../../providers/dialects/dialect.js';
import type { RouteRule } from '../../providers/provider-adapter.js';

/** No model reads more. */
const MOST_INPUT_TOKENS = 2_000_000;

/** For calls that name no ceiling. More than nearly all answers have; a call is not kept waiting for what it will not use. */
export const DEFAULT_OUTPUT_TOKENS = 4_096;

/** No ceiling that a client names is believed beyond this: it exists to be refused by the provider. */
const MOST_OUTPUT_TOKENS = 10_000_000;

/** @param inputTokens of the request as it is sent (see `bodyTokens`) */
export function estimatedUsage(
  { operation }: Pick<RouteRule, 'operation'>,
  { maxOutputTokens }: Pick<RequestFacts, 'maxOutputTokens'>,
  inputTokens: number,
): TokenUsage {
  const ceiling = maxOutputTokens !== null && maxOutputTokens > 0 ? maxOutputTokens : DEFAULT_OUTPUT_TOKENS;
  return {
    inputTokens: Math.min(inputTokens, MOST_INPUT_TOKENS),
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: operation === 'embeddings' ? 0 : Math.ceil(Math.min(ceiling, MOST_OUTPUT_TOKENS)),
    reasoningTokens: 0,
  };
}
