/** Estimates the usage of a call whose provider did not state it. */
import type { TokenUsage } from '../../providers/dialects/base/dialect.js';
import type { Outcome } from '../../usage/recording/interaction-record.js';
import type { LlmCall } from '../call/llm-call.js';

/** Approximate characters per token of text in the languages most used here. */
const CHARS_PER_TOKEN = 4;

/** Outcomes after which the provider may have used tokens without stating how many. */
const CUT_SHORT: ReadonlySet<Outcome> = new Set(['client_aborted', 'cut', 'error']);

/**
 * Estimates usage from the tokens of the request and the length of the text received. Returns null if the provider did
 * no work or could have stated its usage. Providers do not state it for a response that ended too early, and some
 * (Gemini) never do for embeddings.
 */
export function estimateUsage(call: LlmCall, outputChars: number): TokenUsage | null {
  const { outcome, status, operation, requestTokens } = call;
  const { rule } = operation!;
  const isUnstated = CUT_SHORT.has(outcome) || (outcome === 'success' && rule.operation === 'embeddings');
  if (!isUnstated || status < 200 || status >= 300 || rule.class !== 'inference') return null;
  return {
    inputTokens: requestTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: Math.ceil(outputChars / CHARS_PER_TOKEN),
    reasoningTokens: 0,
  };
}
