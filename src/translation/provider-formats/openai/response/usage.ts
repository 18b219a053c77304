import { readOpenAiUsage } from '../../../../providers/dialects/openai/usage.js';
import { toCount, toFields } from '../../../../providers/dialects/base/token-counts.js';
import type { ChatUsage } from '../../../pivot/chat.js';

/**
 * Converts `usage` of a server that speaks OpenAI's Chat to OpenAI's meaning, with the parser that the interaction
 * records use: xAI counts reasoning beside `completion_tokens`, Moonshot and DeepSeek name cached tokens outside
 * `prompt_tokens_details`. The server's other members stay. Returns undefined if it contains no tokens.
 */
export function toChatUsage(value: unknown): ChatUsage | undefined {
  const usage = toFields(value);
  const tokens = readOpenAiUsage(usage);
  if (!usage || !tokens) return undefined;
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = tokens;
  const inDetails = toFields(usage['prompt_tokens_details']);
  const outDetails = toFields(usage['completion_tokens_details']);
  return {
    ...usage,
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: toCount(usage['total_tokens']) ?? inputTokens + outputTokens,
    ...((inDetails || cachedInputTokens > 0 || cacheWriteTokens > 0) && {
      prompt_tokens_details: {
        ...inDetails,
        cached_tokens: cachedInputTokens,
        ...(cacheWriteTokens > 0 && { cache_write_tokens: cacheWriteTokens }),
      },
    }),
    ...((outDetails || reasoningTokens > 0) && {
      completion_tokens_details: { ...outDetails, reasoning_tokens: reasoningTokens },
    }),
  };
}
