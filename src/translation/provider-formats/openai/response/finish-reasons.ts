import type { FinishReason } from '../../../pivot/chat.js';

/** Vendor-specific finish reasons of servers that speak OpenAI's Chat; lower case. All others are a regular end. */
const FINISHES: Readonly<Record<string, FinishReason>> = {
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  // Mistral, Zhipu, Anthropic: the context is full
  model_length: 'length',
  model_context_window_exceeded: 'length',
  tool_calls: 'tool_calls',
  tool_call: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
  refusal: 'content_filter',
  safety: 'content_filter',
  // Zhipu
  sensitive: 'content_filter',
};

/** Reasons that mean a broken-off response: OpenRouter and Mistral, Zhipu, DeepSeek. */
const FAILURES: ReadonlySet<string> = new Set(['error', 'network_error', 'insufficient_system_resource']);

/** Whether the response is incomplete, regardless of the content before. */
export function isFailure(reason: unknown): boolean {
  return typeof reason === 'string' && FAILURES.has(reason.toLowerCase());
}

/** `hasCalls`: some servers report `stop`, or nothing, for tool calls. */
export function toFinishReason(reason: unknown, hasCalls: boolean): FinishReason {
  const finish = typeof reason === 'string' ? FINISHES[reason.toLowerCase()] : undefined;
  if (finish === undefined) return hasCalls ? 'tool_calls' : 'stop';
  return finish === 'tool_calls' && !hasCalls ? 'stop' : finish;
}
