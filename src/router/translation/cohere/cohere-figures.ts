/** How an answer of Cohere's ended, what it used, and how likely its words were, as Chat has it. */
import { cohereUsage } from '../../../providers/dialects/cohere-meter.js';
import { fields } from '../../../providers/dialects/token-counts.js';
import type { ChatUsage, FinishReason, JsonObject } from '../chat.js';
import type { CohereLogprobs } from './cohere-wire.js';

const FINISH: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  ERROR_LIMIT: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR_TOXIC: 'content_filter',
};

/** Reasons to end that are failures, and no answer. */
const FAILURES: ReadonlySet<string> = new Set(['ERROR', 'TIMEOUT']);

export function isFailure(reason: string | undefined): boolean {
  return reason !== undefined && FAILURES.has(reason);
}

/** Reasons that are new count as a regular end. */
export function finishOf(reason: string | undefined, hasCalls: boolean): FinishReason {
  const finish = FINISH[reason ?? ''] ?? 'stop';
  return finish === 'stop' && hasCalls ? 'tool_calls' : finish;
}

/** What is billed, as the gateway's own records have it; the template around the messages costs nothing. */
export function usageOf(told: unknown): ChatUsage | undefined {
  const usage = cohereUsage(fields(told));
  if (!usage) return undefined;
  const { inputTokens, cachedInputTokens, outputTokens } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedInputTokens > 0 && { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
  };
}

/** Cohere tells texts of several tokens: such a piece is one entry, as likely as all its tokens one after the other. */
export function logprobsOf(pieces: readonly CohereLogprobs[]): JsonObject {
  const content = pieces.map(({ text = '', logprobs = [] }) => ({
    token: text,
    logprob: logprobs.reduce((sum, one) => sum + one, 0),
    bytes: [...Buffer.from(text)],
    top_logprobs: [],
  }));
  return { content, refusal: null };
}
