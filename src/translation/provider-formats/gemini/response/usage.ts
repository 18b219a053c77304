import type { ChatUsage } from '../../../pivot/chat.js';
import type { GeminiUsage } from '../wire.js';

/** Converts usage. Prompts of tools that Google runs also count as input; thoughts count as output. */
export function toChatUsage(usage: GeminiUsage): ChatUsage {
  const prompt = (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0);
  const thoughts = usage.thoughtsTokenCount;
  const completion = (usage.candidatesTokenCount ?? 0) + (thoughts ?? 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(usage.cachedContentTokenCount !== undefined && {
      prompt_tokens_details: { cached_tokens: usage.cachedContentTokenCount },
    }),
    ...(thoughts !== undefined && { completion_tokens_details: { reasoning_tokens: thoughts } }),
  };
}
