import { invalid } from '../../../pivot/body-shape.js';
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import type { ClaudeModel } from '../claude-models.js';

/**
 * Returns `temperature`, `top_p` and `top_k`. Parameters that the model refuses are left out, and named unless they
 * have the default value.
 */
export function sampling(
  chat: ChatRequest,
  claude: ClaudeModel,
  isThinking: boolean,
  dropped: Set<string>,
): JsonObject {
  const temperature = numberOf(chat, 'temperature');
  const topP = numberOf(chat, 'top_p');
  const topK = numberOf(chat, 'top_k');
  const isRefused = isThinking || !claude.takesSampling;
  const made: JsonObject = {};
  if (temperature !== undefined) {
    // OpenAI's scale goes to 2, Claude's to 1
    const clamped = Math.min(1, Math.max(0, temperature));
    if (!isRefused) made['temperature'] = clamped;
    if (isRefused ? temperature !== 1 : temperature !== clamped) dropped.add('temperature');
  }
  if (topP !== undefined && topP !== 1) {
    // later models accept only one of the two
    if (isRefused || 'temperature' in made) dropped.add('top_p');
    else made['top_p'] = topP;
  }
  if (topK !== undefined) {
    if (isRefused) dropped.add('top_k');
    else made['top_k'] = topK;
  }
  return made;
}

/** Returns `max_tokens`, which the vendor requires. Reduces it to the model's maximum, as the vendor refuses more. */
export function maxTokensOf(chat: ChatRequest, claude: ClaudeModel, dropped: Set<string>): number {
  const name = typeof chat.max_completion_tokens === 'number' ? 'max_completion_tokens' : 'max_tokens';
  const asked = numberOf(chat, name);
  if (asked === undefined) return claude.maxOutputTokens;
  if (asked <= claude.maxOutputTokens || !claude.isKnown) return asked;
  dropped.add(name);
  return claude.maxOutputTokens;
}

/** Returns `stop_sequences`. The vendor refuses those that consist only of white space. */
export function stopSequences({ stop }: ChatRequest, dropped: Set<string>): JsonObject {
  if (stop === null || stop === undefined) return {};
  const all = typeof stop === 'string' ? [stop] : stop;
  if (!Array.isArray(all) || all.some((one) => typeof one !== 'string'))
    throw invalid('stop', 'a text or an array of texts');
  const usable = all.filter((sequence) => sequence.trim() !== '');
  if (usable.length < all.length) dropped.add('stop');
  return usable.length > 0 ? { stop_sequences: usable } : {};
}

function numberOf(chat: ChatRequest, name: keyof ChatRequest & string): number | undefined {
  const value = chat[name];
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'number') throw invalid(name, 'a number');
  return value;
}
