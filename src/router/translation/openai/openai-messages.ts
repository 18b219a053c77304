import { createHash } from 'node:crypto';
import type { ChatHabits } from '../../../providers/provider-adapter.js';
import type { AssistantMessage, ChatMessage, ToolMessage, UserPart } from '../chat.js';

/**
 * The conversation as servers that know OpenAI's Chat alone take it: without what other vendors want back, and with the
 * pictures of tools' results in a user's turn after them, as a tool's message may hold text only.
 */
export function plainMessages(messages: readonly ChatMessage[], habits: ChatHabits): ChatMessage[] {
  const plain: ChatMessage[] = [];
  let lifted: UserPart[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      plain.push({ ...withTextAlone(message, lifted), tool_call_id: callId(message.tool_call_id, habits) });
      continue;
    }
    if (lifted.length > 0) plain.push({ role: 'user', content: lifted });
    lifted = [];
    if (message.role === 'assistant') plain.push(plainAnswer(message, habits));
    else if (message.role === 'developer' && !habits.developerRole) plain.push({ ...message, role: 'system' });
    else plain.push(message);
  }
  if (lifted.length > 0) plain.push({ role: 'user', content: lifted });
  return plain;
}

/** `lifted` gets what is no text. */
function withTextAlone(message: ToolMessage, lifted: UserPart[]): ToolMessage {
  const { content } = message;
  if (typeof content === 'string') return message;
  const texts = content.filter((part) => part.type === 'text');
  const others = content.filter((part) => part.type !== 'text');
  if (others.length === 0) return message;
  lifted.push({ type: 'text', text: `From the result of the tool call ${message.tool_call_id}:` }, ...others);
  return { ...message, content: texts.length > 0 ? texts : 'The result follows in the next message.' };
}

/** Ids of other vendors' calls, as the server takes them: the same id becomes the same. */
function callId(id: string, { callIdChars: length }: ChatHabits): string {
  if (length === undefined || (id.length === length && /^[A-Za-z0-9]+$/.test(id))) return id;
  return createHash('sha256').update(id).digest('hex').slice(0, length);
}

function plainAnswer(message: AssistantMessage, habits: ChatHabits): AssistantMessage {
  const { reasoningBack } = habits;
  const { reasoning_content: reasoning, reasoning_details: details, tool_calls: calls, ...kept } = message;
  const plain: AssistantMessage = kept;
  if (reasoningBack === 'details' && details) plain.reasoning_details = details;
  if (reasoningBack === 'content' && reasoning) plain.reasoning_content = reasoning;
  if (calls)
    plain.tool_calls = calls.map(({ id, type, function: called }) => ({
      id: callId(id, habits),
      type,
      function: called,
    }));
  return plain;
}
