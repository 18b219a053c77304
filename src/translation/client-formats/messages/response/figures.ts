/** Stop reason and usage of a response, in Anthropic's form. */
import type { ChatChoice, ChatUsage, ChunkChoice, FinishReason } from '../../../pivot/chat.js';

export type StopReason = 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'refusal';

export interface MessageUsage {
  /** Input tokens that were neither read from a cache nor written to one. */
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
  output_tokens_details?: { thinking_tokens: number };
}

/** Returns the usage, with zeros where the vendor sent none. */
export function toMessageUsage(usage: ChatUsage | null | undefined): MessageUsage {
  const read = usage?.prompt_tokens_details?.cached_tokens ?? 0;
  const written = usage?.prompt_tokens_details?.cache_write_tokens ?? 0;
  const thinking = usage?.completion_tokens_details?.reasoning_tokens;
  return {
    input_tokens: Math.max((usage?.prompt_tokens ?? 0) - read - written, 0),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: usage?.completion_tokens ?? 0,
    ...(thinking === undefined ? {} : { output_tokens_details: { thinking_tokens: thinking } }),
  };
}

export interface Ending {
  stop_reason: StopReason;
  stop_sequence: string | null;
  stop_details: { type: 'refusal'; category: null; explanation: string | null } | null;
}

/**
 * Returns how the response ended. Chat does not name the stop sequence that was met, so `stop` becomes `end_turn`,
 * unless the server names it (vLLM: `stop_reason` beside the finish reason) and the client sent it. `hasCalls` takes
 * precedence over `stop`, which some vendors send with tool calls too.
 */
export function toEnding(
  finish: FinishReason | null,
  matchedStop: unknown,
  stopSequences: readonly string[],
  hasCalls: boolean,
  refusal: string,
): Ending {
  if (finish === 'content_filter' || refusal !== '')
    return {
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: { type: 'refusal', category: null, explanation: refusal === '' ? null : refusal },
    };
  const createEnding = (stop_reason: StopReason, stop_sequence: string | null = null): Ending => ({
    stop_reason,
    stop_sequence,
    stop_details: null,
  });
  if (finish === 'length') return createEnding('max_tokens');
  if (finish === 'tool_calls' || hasCalls) return createEnding('tool_use');
  if (typeof matchedStop === 'string' && stopSequences.includes(matchedStop))
    return createEnding('stop_sequence', matchedStop);
  return createEnding('end_turn');
}

/** Returns the stop sequence that vLLM and similar servers send beside the finish reason. */
export function findMatchedStop(choice: ChatChoice | ChunkChoice): unknown {
  return (choice as { stop_reason?: unknown }).stop_reason;
}
