import type { ChatMessage, JsonObject, ToolMessage, UserPart } from '../../../pivot/chat.js';
import { readString } from '../../../pivot/body-shape.js';
import { copyCacheMark } from '../../../pivot/cache-marks.js';
import { readBlocks, type DroppedMembers, simplifyContent } from './members.js';
import { toUserParts } from './user-blocks.js';

const RESULT_MEMBERS: ReadonlySet<string> = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);

/** Prefix of the result of a failed tool, as Chat has no member for the failure. */
const FAILED = 'Error: ';

/**
 * Returns one user's turn: first a tool message for each result, as they respond to the turn before, then the user's
 * content.
 */
export function toUserMessages(content: unknown, path: string, dropped: DroppedMembers): ChatMessage[] {
  const messages: ChatMessage[] = [];
  const parts: UserPart[] = [];
  for (const { block, path: at } of readBlocks(content, path))
    if (block['type'] === 'tool_result') messages.push(toToolMessage(block, at, dropped));
    else parts.push(...toUserParts(block, at, dropped));
  if (parts.length > 0) messages.push({ role: 'user', content: simplifyContent(parts) });
  return messages;
}

function toToolMessage(block: JsonObject, path: string, dropped: DroppedMembers): ToolMessage {
  dropped.addOthers(block, RESULT_MEMBERS, 'content[].');
  const parts = readBlocks(block['content'] ?? '', `${path}.content`).flatMap(({ block: part, path: at }) =>
    toUserParts(part, at, dropped),
  );
  if (block['is_error'] === true) markFailed(parts);
  return copyCacheMark(block, {
    role: 'tool',
    tool_call_id: readString(block['tool_use_id'], `${path}.tool_use_id`),
    content: parts.length === 0 ? '' : simplifyContent(parts),
  });
}

function markFailed(parts: UserPart[]): void {
  const [first] = parts;
  if (first?.type === 'text') parts[0] = { ...first, text: FAILED + first.text };
  else parts.unshift({ type: 'text', text: FAILED.trim() });
}
