/** How an answer ended and what it used, in Anthropic's figures. */
import type { ChatChoice, ChatUsage, ChunkChoice, FinishReason } from '../chat.js';

export type StopReason = 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'refusal';

export interface MessageUsage {
  /** Neither read from a cache nor written to one. */
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
  output_tokens_details?: { thinking_tokens: number };
}

/** Zeros where the vendor told nothing. */
export function usageOf(usage: ChatUsage | null | undefined): MessageUsage {
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
 * Chat does not tell which stop sequence was met, so `stop` is `end_turn`, unless the server does tell (vLLM:
 * `stop_reason` beside the finish reason) and it is one that the client sent. `hasCalls` comes before `stop`, which some
 * vendors say with tool calls too.
 */
export function endingOf(
  finish: FinishReason | null,
  matched: unknown,
  sent: readonly string[],
  hasCalls: boolean,
  refusal: string,
): Ending {
  if (finish === 'content_filter' || refusal !== '')
    return {
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: { type: 'refusal', category: null, explanation: refusal === '' ? null : refusal },
    };
  const ended = (stop_reason: StopReason, stop_sequence: string | null = null): Ending => ({
    stop_reason,
    stop_sequence,
    stop_details: null,
  });
  if (finish === 'length') return ended('max_tokens');
  if (finish === 'tool_calls' || hasCalls) return ended('tool_use');
  if (typeof matched === 'string' && sent.includes(matched)) return ended('stop_sequence', matched);
  return ended('end_turn');
}

/** What vLLM and its like say beside the finish reason. */
export function matchedStop(choice: ChatChoice | ChunkChoice): unknown {
  return (choice as { stop_reason?: unknown }).stop_reason;
}
