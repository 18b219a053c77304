/**
 * Marks the replay data of a response with its origin, so that no other vendor receives it when the client sends it
 * back.
 */
import { markId, ORIGIN_MEMBER } from '../../providers/replay/marks.js';
import type { ChatChunk, ChatCompletion, ReasoningDetail, ToolCall, ToolCallDelta } from '../pivot/chat.js';

interface Marked {
  reasoning_details?: ReasoningDetail[];
  tool_calls?: (ToolCall | ToolCallDelta)[];
}

/** Changes the completion itself. */
export function markCompletion(completion: ChatCompletion, origin: string): ChatCompletion {
  for (const { message } of completion.choices) mark(message, origin);
  return completion;
}

/** Changes the chunk itself. */
export function markChunk(chunk: ChatChunk, origin: string): ChatChunk {
  for (const { delta } of chunk.choices) if (delta) mark(delta, origin);
  return chunk;
}

function mark(message: Marked, origin: string): void {
  const { reasoning_details: details, tool_calls: calls } = message;
  if (Array.isArray(details))
    message.reasoning_details = details.map((detail) => ({ ...detail, id: markId(detail.id, origin) }));
  if (!Array.isArray(calls)) return;
  for (const call of calls)
    if (call.extra_content) call.extra_content = { ...call.extra_content, [ORIGIN_MEMBER]: markId(null, origin) };
}
