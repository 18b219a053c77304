import type { JsonObject } from '../../../pivot/chat.js';
import type { GeminiLogprobs, GeminiToken } from '../wire.js';

/**
 * Converts to OpenAI's `logprobs` of a choice: one entry per token, with the likeliest alternatives at its position.
 * Returns null if the response contains none.
 */
export function toChatLogprobs(result: GeminiLogprobs | undefined): JsonObject | null {
  if (!result?.chosenCandidates) return null;
  const content = result.chosenCandidates.map((chosen, i) => ({
    ...toLogprob(chosen),
    top_logprobs: (result.topCandidates?.[i]?.candidates ?? []).map(toLogprob),
  }));
  return { content, refusal: null };
}

/** Protocol-buffer JSON omits numbers that are zero. */
function toLogprob({ token = '', logProbability = 0 }: GeminiToken) {
  return { token, logprob: logProbability, bytes: [...Buffer.from(token)] };
}
