import type { OpenAiCompatibility } from '../../../../providers/contract/openai-compatibility.js';
import { type CacheMarked, copyCacheMarkToLast } from '../../../pivot/cache-marks.js';
import type { AssistantMessage, ChatMessage, ToolMessage, UserPart } from '../../../pivot/chat.js';

/**
 * Converts the conversation for servers that know only OpenAI's Chat. Removes members meant for other vendors. Moves
 * images of tool results to a user turn after them, as a tool message may contain only text.
 */
export function simplifyMessages(
  messages: readonly ChatMessage[],
  compatibility: OpenAiCompatibility,
  dropped: string[],
): ChatMessage[] {
  const plain: ChatMessage[] = [];
  let media: UserPart[] = [];
  for (const message of messages.map((one) => removeMarks(one, compatibility, dropped))) {
    if (message.role === 'tool') {
      plain.push(keepText(message, media));
      continue;
    }
    if (media.length > 0) plain.push({ role: 'user', content: media });
    media = [];
    if (message.role === 'assistant') plain.push(simplifyAssistantMessage(message, compatibility));
    else plain.push({ ...message });
  }
  if (media.length > 0) plain.push({ role: 'user', content: media });
  return plain;
}

/** Keeps cache marks on content parts for servers that support them; removes all marks otherwise. */
function removeMarks(message: ChatMessage, { cacheControl }: OpenAiCompatibility, dropped: string[]): ChatMessage {
  if (message.role === 'assistant' && message.tool_calls?.some((call) => 'cache_control' in call))
    dropped.push('messages[].tool_calls[].cache_control');
  if (cacheControl) return moveMarkToPart(message);
  let plain = message;
  if ('cache_control' in message) {
    dropped.push('messages[].cache_control');
    plain = removeMark(message);
  }
  const { content } = plain;
  if (!Array.isArray(content) || !content.some((part) => 'cache_control' in part)) return plain;
  dropped.push('messages[].content[].cache_control');
  const parts = (content as readonly UserPart[]).map(removeMark);
  const [first] = parts;
  const isText = parts.length === 1 && first?.type === 'text';
  return { ...plain, content: isText ? first.text : parts } as ChatMessage;
}

/** Moves a message's mark to its last part: marks belong on text parts (openrouter.ai/docs/features/prompt-caching). */
function moveMarkToPart(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (!('cache_control' in message) || !content) return message;
  const parts: object[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : content.map((part) => ({ ...part }));
  return { ...removeMark(message), content: copyCacheMarkToLast(message, parts) } as ChatMessage;
}

function removeMark<T extends object>(marked: T): T {
  const plain: T & CacheMarked = { ...marked };
  delete plain.cache_control;
  return plain;
}

/** Keeps the text of a tool result. Adds the other parts to `lifted`. */
function keepText(message: ToolMessage, media: UserPart[]): ToolMessage {
  const { content } = message;
  if (typeof content === 'string') return { ...message };
  const texts = content.filter((part) => part.type === 'text');
  const others = content.filter((part) => part.type !== 'text');
  if (others.length === 0) return { ...message };
  media.push({ type: 'text', text: `From the result of the tool call ${message.tool_call_id}:` }, ...others);
  return { ...message, content: texts.length > 0 ? texts : 'The result follows in the next message.' };
}

function simplifyAssistantMessage(message: AssistantMessage, { reasoningBack }: OpenAiCompatibility): AssistantMessage {
  const { reasoning_content: reasoning, reasoning_details: details, tool_calls: calls, ...others } = message;
  const plain: AssistantMessage = others;
  if (reasoningBack === 'reasoning_details' && details) plain.reasoning_details = details;
  if (reasoningBack === 'reasoning_content' && reasoning) plain.reasoning_content = reasoning;
  if (calls) plain.tool_calls = calls.map(({ id, type, function: called }) => ({ id, type, function: called }));
  return plain;
}
