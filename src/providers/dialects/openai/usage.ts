import type { TokenUsage } from '../base/dialect.js';
import { toCount, type Fields, toFields } from '../base/token-counts.js';

/**
 * Converts the usage object of every API in OpenAI's family: Chat Completions and embeddings (`prompt_tokens`),
 * Responses (`input_tokens`), DeepSeek's cache fields, and vendors that report only a total. Returns null if it holds
 * no tokens (audio billed by the second).
 */
export function readOpenAiUsage(usage: Fields | undefined): TokenUsage | null {
  if (!usage) return null;
  const total = toCount(usage['total_tokens']);
  const input = toCount(usage['prompt_tokens']) ?? toCount(usage['input_tokens']);
  const output = toCount(usage['completion_tokens']) ?? toCount(usage['output_tokens']);
  if (input === undefined && output === undefined && total === undefined) return null;
  const inDetails = toFields(usage['prompt_tokens_details']) ?? toFields(usage['input_tokens_details']);
  const outDetails = toFields(usage['completion_tokens_details']) ?? toFields(usage['output_tokens_details']);
  const reasoning = toCount(outDetails?.['reasoning_tokens']) ?? toCount(usage['reasoning_tokens']) ?? 0;
  const inputTokens = input ?? Math.max(0, (total ?? 0) - (output ?? 0));
  return {
    inputTokens,
    cachedInputTokens:
      toCount(inDetails?.['cached_tokens']) ??
      toCount(usage['prompt_cache_hit_tokens']) ??
      toCount(usage['cached_tokens']) ??
      0,
    cacheWriteTokens: toCount(inDetails?.['cache_write_tokens']) ?? 0,
    outputTokens: getWholeOutput(inputTokens, output ?? 0, reasoning, total),
    reasoningTokens: reasoning,
  };
}

/**
 * Returns the whole output. xAI counts reasoning separately from `completion_tokens`; the total shows whether a vendor
 * does.
 */
function getWholeOutput(input: number, output: number, reasoning: number, total: number | undefined): number {
  return total !== undefined && reasoning > 0 && total === input + output + reasoning ? output + reasoning : output;
}
