import { readAnthropicUsage } from '../../../../providers/dialects/anthropic/meter.js';
import type { ChatUsage, FinishReason, JsonObject } from '../../../pivot/chat.js';

const FINISHES: Readonly<Record<string, FinishReason>> = {
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
};

/**
 * @param hasCalls false if the only call was the JSON answer
 * @returns `stop` for all other reasons (end_turn, stop_sequence, pause_turn)
 */
export function toFinishReason(stopReason: unknown, hasCalls: boolean): FinishReason {
  const finish = FINISHES[stopReason as string] ?? 'stop';
  return finish === 'tool_calls' && !hasCalls ? 'stop' : finish;
}

/** Returns the vendor's explanation of a refusal (`stop_details.explanation`), or null. */
export function readRefusalText(details: unknown): string | null {
  const explanation = (details as JsonObject | null | undefined)?.['explanation'];
  return typeof explanation === 'string' && explanation !== '' ? explanation : null;
}

/** Converts usage. Anthropic's input count excludes tokens read from or written to the cache; Chat's includes them. */
export function toChatUsage(usage: JsonObject | null | undefined): ChatUsage | undefined {
  const tokens = usage && readAnthropicUsage(usage);
  if (!tokens) return undefined;
  return {
    prompt_tokens: tokens.inputTokens,
    completion_tokens: tokens.outputTokens,
    total_tokens: tokens.inputTokens + tokens.outputTokens,
    prompt_tokens_details: { cached_tokens: tokens.cachedInputTokens, cache_write_tokens: tokens.cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: tokens.reasoningTokens },
  };
}
