import type { AssistantMessage, JsonObject, ReasoningDetail } from '../../pivot/chat.js';

/** `format` of Claude's `reasoning_details`, which keeps them from other vendors. */
export const CLAUDE_FORMAT = 'anthropic-claude-v1';

/** A thinking block that returns to its position. `at`: its index among the blocks of the original response. */
export interface ReplayedBlock {
  position: number;
  block: JsonObject;
}

/**
 * Returns the thinking blocks of an assistant message, unchanged and in order. Thinking of another vendor, or without
 * its signature, is left out and named. Pieces of one block (from clients that keep a stream's deltas apart) are
 * joined.
 */
export function readReplayedThinking(message: AssistantMessage, dropped: Set<string>): ReplayedBlock[] {
  const blocks: ReplayedBlock[] = [];
  let text = '';
  for (const detail of message.reasoning_details ?? []) {
    if (detail.format !== CLAUDE_FORMAT) dropped.add('messages[].reasoning_details');
    else if (detail.type === 'reasoning.encrypted')
      blocks.push(toPlacedBlock(detail, { type: 'redacted_thinking', data: detail.data }));
    else if (detail.type === 'reasoning.text') {
      text += detail.text ?? '';
      if (!detail.signature) continue;
      blocks.push(toPlacedBlock(detail, { type: 'thinking', thinking: text, signature: detail.signature }));
      text = '';
    }
  }
  if (text !== '') dropped.add('messages[].reasoning_details');
  if (blocks.length === 0 && message.reasoning_content) dropped.add('messages[].reasoning_content');
  return blocks;
}

const toPlacedBlock = ({ index }: ReasoningDetail, block: JsonObject): ReplayedBlock => ({
  position: index ?? 0,
  block,
});

/** Puts thinking back between text and tool calls. Removes it from the end, where the vendor refuses it. */
export function mergeThinking(thinking: readonly ReplayedBlock[], others: readonly JsonObject[]): JsonObject[] {
  if (others.length === 0) return [];
  const content: JsonObject[] = [];
  let next = 0;
  for (const { position, block } of thinking) {
    while (content.length < position && next < others.length) content.push(others[next++]!);
    content.push(block);
  }
  if (next < others.length) return content.concat(others.slice(next));
  while (content.length > 0 && isThinking(content.at(-1)!)) content.pop();
  return content;
}

export const isThinking = ({ type }: JsonObject): boolean => type === 'thinking' || type === 'redacted_thinking';
