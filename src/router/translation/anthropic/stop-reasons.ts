import { anthropicUsage } from '../../../providers/dialects/anthropic-meter.js';
import type { ChatUsage, FinishReason, JsonObject } from '../chat.js';

const FINISHES: Readonly<Record<string, FinishReason>> = {
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
};

/** `hasCalls`: false when the only call was the answer itself. All other reasons (end_turn, stop_sequence, pause_turn) are a stop. */
export function finishReason(stopReason: unknown, hasCalls: boolean): FinishReason {
  const finish = FINISHES[stopReason as string] ?? 'stop';
  return finish === 'tool_calls' && !hasCalls ? 'stop' : finish;
}

/** What the vendor says about a refusal (`stop_details.explanation`), where it says anything. */
export function refusalText(details: unknown): string | null {
  const explanation = (details as JsonObject | null | undefined)?.['explanation'];
  return typeof explanation === 'string' && explanation !== '' ? explanation : null;
}

/** Anthropic's input leaves out what came from or went to the cache; Chat's is all of it. */
export function chatUsage(usage: JsonObject | null | undefined): ChatUsage | undefined {
  const tokens = usage && anthropicUsage(usage);
  if (!tokens) return undefined;
  return {
    prompt_tokens: tokens.inputTokens,
    completion_tokens: tokens.outputTokens,
    total_tokens: tokens.inputTokens + tokens.outputTokens,
    prompt_tokens_details: { cached_tokens: tokens.cachedInputTokens, cache_write_tokens: tokens.cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: tokens.reasoningTokens },
  };
}
