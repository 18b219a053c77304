/** Converts finish reason, usage and log probabilities of Cohere's responses to Chat. */
import { readCohereUsage } from '../../../providers/dialects/cohere/meter.js';
import { toFields } from '../../../providers/dialects/base/token-counts.js';
import type { ChatUsage, FinishReason, JsonObject } from '../../pivot/chat.js';
import type { CohereLogprobs } from './wire.js';

const FINISH: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  ERROR_LIMIT: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR_TOXIC: 'content_filter',
};

/** Finish reasons that are failures, without a response. */
const FAILURES: ReadonlySet<string> = new Set(['ERROR', 'TIMEOUT']);

export function isFailure(reason: string | undefined): boolean {
  return reason !== undefined && FAILURES.has(reason);
}

/** Converts a finish reason. An unknown reason counts as a regular end. */
export function toFinishReason(reason: string | undefined, hasCalls: boolean): FinishReason {
  const finish = FINISH[reason ?? ''] ?? 'stop';
  return finish === 'stop' && hasCalls ? 'tool_calls' : finish;
}

/** Returns the billed tokens, as the interaction record has them; the prompt template around the messages is free. */
export function toChatUsage(value: unknown): ChatUsage | undefined {
  const usage = readCohereUsage(toFields(value));
  if (!usage) return undefined;
  const { inputTokens, cachedInputTokens, outputTokens } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedInputTokens > 0 && { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
  };
}

/**
 * Converts log probabilities. Cohere groups several tokens into one text: it becomes one entry, with the product of
 * their probabilities.
 */
export function toChatLogprobs(chunks: readonly CohereLogprobs[]): JsonObject {
  const content = chunks.map(({ text = '', logprobs = [] }) => ({
    token: text,
    logprob: logprobs.reduce((sum, one) => sum + one, 0),
    bytes: [...Buffer.from(text)],
    top_logprobs: [],
  }));
  return { content, refusal: null };
}
