import { createInvalidBodyError } from '../../../pivot/body-shape.js';
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import type { ClaudeModel } from '../claude-models.js';

/**
 * Returns `temperature`, `top_p` and `top_k`. Parameters that the model refuses are left out, and named unless they
 * have the default value.
 */
export function buildSampling(
  chat: ChatRequest,
  claude: ClaudeModel,
  isThinking: boolean,
  dropped: Set<string>,
): JsonObject {
  const temperature = readNumber(chat, 'temperature');
  const topP = readNumber(chat, 'top_p');
  const topK = readNumber(chat, 'top_k');
  const isRefused = isThinking || !claude.takesSampling;
  const sampling: JsonObject = {};
  if (temperature !== undefined) {
    // OpenAI's scale goes to 2, Claude's to 1
    const clamped = Math.min(1, Math.max(0, temperature));
    if (!isRefused) sampling['temperature'] = clamped;
    if (isRefused ? temperature !== 1 : temperature !== clamped) dropped.add('temperature');
  }
  if (topP !== undefined && topP !== 1) {
    // later models accept only one of the two
    if (isRefused || 'temperature' in sampling) dropped.add('top_p');
    else sampling['top_p'] = topP;
  }
  if (topK !== undefined) {
    if (isRefused) dropped.add('top_k');
    else sampling['top_k'] = topK;
  }
  return sampling;
}

/** Returns `max_tokens`, which the vendor requires. Reduces it to the model's maximum, as the vendor refuses more. */
export function getMaxTokens(chat: ChatRequest, claude: ClaudeModel, dropped: Set<string>): number {
  const name = typeof chat.max_completion_tokens === 'number' ? 'max_completion_tokens' : 'max_tokens';
  const requested = readNumber(chat, name);
  if (requested === undefined) return claude.maxOutputTokens;
  if (requested <= claude.maxOutputTokens || !claude.isKnown) return requested;
  dropped.add(name);
  return claude.maxOutputTokens;
}

/** Returns `stop_sequences`. The vendor refuses those that consist only of white space. */
export function buildStopSequences({ stop }: ChatRequest, dropped: Set<string>): JsonObject {
  if (stop === null || stop === undefined) return {};
  const all = typeof stop === 'string' ? [stop] : stop;
  if (!Array.isArray(all) || all.some((one) => typeof one !== 'string'))
    throw createInvalidBodyError('stop', 'a string or an array of strings');
  const usable = all.filter((sequence) => sequence.trim() !== '');
  if (usable.length < all.length) dropped.add('stop');
  return usable.length > 0 ? { stop_sequences: usable } : {};
}

function readNumber(chat: ChatRequest, name: keyof ChatRequest & string): number | undefined {
  const value = chat[name];
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'number') throw createInvalidBodyError(name, 'a number');
  return value;
}
