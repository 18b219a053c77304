import type { OpenAiCompatibility } from '../../../providers/openai-compatibility.js';
import type { AssistantMessage, ChatMessage, ToolMessage, UserPart } from '../chat.js';

/**
 * The conversation as servers that know OpenAI's Chat alone take it: without what other vendors want back, and with the
 * pictures of tools' results in a user's turn after them, as a tool's message may hold text only.
 */
export function plainMessages(
  messages: readonly ChatMessage[],
  compatibility: OpenAiCompatibility,
  dropped: string[],
): ChatMessage[] {
  const plain: ChatMessage[] = [];
  let lifted: UserPart[] = [];
  for (const message of messages.map((one) => withoutMarks(one, compatibility, dropped))) {
    if (message.role === 'tool') {
      plain.push(withTextAlone(message, lifted));
      continue;
    }
    if (lifted.length > 0) plain.push({ role: 'user', content: lifted });
    lifted = [];
    if (message.role === 'assistant') plain.push(plainAnswer(message, compatibility));
    else plain.push({ ...message });
  }
  if (lifted.length > 0) plain.push({ role: 'user', content: lifted });
  return plain;
}

type Marked = { cache_control?: unknown };

/** Without the marks of caches that the server does not have. */
function withoutMarks(
  message: ChatMessage & Marked,
  { cacheControl }: OpenAiCompatibility,
  dropped: string[],
): ChatMessage {
  if (cacheControl) return message;
  let plain = message;
  if (message.cache_control !== undefined) {
    dropped.push('messages[].cache_control');
    plain = without(message);
  }
  const { content } = plain;
  if (!Array.isArray(content) || !content.some((part) => 'cache_control' in part)) return plain;
  dropped.push('messages[].content[].cache_control');
  return { ...plain, content: content.map(without) } as ChatMessage;
}

function without<T extends object>(marked: T): T {
  const plain: T & Marked = { ...marked };
  delete plain.cache_control;
  return plain;
}

/** `lifted` gets what is no text. */
function withTextAlone(message: ToolMessage, lifted: UserPart[]): ToolMessage {
  const { content } = message;
  if (typeof content === 'string') return { ...message };
  const texts = content.filter((part) => part.type === 'text');
  const others = content.filter((part) => part.type !== 'text');
  if (others.length === 0) return { ...message };
  lifted.push({ type: 'text', text: `From the result of the tool call ${message.tool_call_id}:` }, ...others);
  return { ...message, content: texts.length > 0 ? texts : 'The result follows in the next message.' };
}

function plainAnswer(message: AssistantMessage, { reasoningBack }: OpenAiCompatibility): AssistantMessage {
  const { reasoning_content: reasoning, reasoning_details: details, tool_calls: calls, ...kept } = message;
  const plain: AssistantMessage = kept;
  if (reasoningBack === 'reasoning_details' && details) plain.reasoning_details = details;
  if (reasoningBack === 'reasoning_content' && reasoning) plain.reasoning_content = reasoning;
  if (calls) plain.tool_calls = calls.map(({ id, type, function: called }) => ({ id, type, function: called }));
  return plain;
}
