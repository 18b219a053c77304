/**
 * Finds members of messages and tools that no translator reads. They are named, so that nothing is lost silently, or
 * refused where content of the conversation would be missing. Each vendor's translator handles the members of the
 * request itself.
 */
import { isAbsent, isObject, createUnsupportedError } from './body-shape.js';
import type { ChatMessage, ChatRequest, ChatTool } from './chat.js';

/**
 * Kind of an object in a request: the prefix of its members in `dropped`, and the members that every translator reads.
 */
interface Kind {
  prefix: string;
  known: ReadonlySet<string>;
}

const defineKind = (prefix: string, ...known: readonly string[]): Kind => ({ prefix, known: new Set(known) });

const MESSAGE = defineKind(
  'messages[].',
  ...['role', 'content', 'name', 'refusal', 'tool_call_id', 'tool_calls', 'reasoning_content', 'reasoning_details'],
);
const PART = defineKind('messages[].content[].', 'type', 'text', 'refusal', 'image_url', 'file', 'input_audio');
const IMAGE = defineKind('messages[].content[].image_url.', 'url', 'detail');
const FILE = defineKind('messages[].content[].file.', 'file_data', 'filename', 'file_id');
/** Clients that assemble a call from a stream leave its index in it. */
const CALL = defineKind('messages[].tool_calls[].', 'id', 'type', 'index', 'function', 'custom');
const TOOL = defineKind('tools[].', 'type', 'function', 'custom');
const FUNCTION = defineKind('tools[].function.', 'name', 'description', 'parameters', 'strict');

/**
 * Adds unread members to `dropped`.
 * @param additional members that this translator reads besides those that all do, as they would be named:
 * `messages[].content[].cache_control`
 */
export function noteUnknownMembers(
  { messages, tools }: ChatRequest,
  dropped: Set<string>,
  additional: ReadonlySet<string> = new Set(),
): void {
  const note = (object: object, { prefix, known }: Kind): void => {
    for (const name in object) {
      if (known.has(name) || isWithoutEffect((object as Record<string, unknown>)[name])) continue;
      if (!additional.has(prefix + name)) dropped.add(prefix + name);
    }
  };
  for (let i = 0; i < messages.length; i++) noteMessage(messages[i]!, i, note);
  for (const tool of tools ?? []) noteTool(tool, note);
}

type Note = (object: object, kind: Kind) => void;

function noteMessage(message: ChatMessage, i: number, note: Note): void {
  const { audio, function_call: call } = message as { audio?: unknown; function_call?: unknown };
  if (!isWithoutEffect(audio)) throw createUnsupportedError(`messages[${i}].audio`, 'Send the text as content.');
  if (!isWithoutEffect(call))
    throw createUnsupportedError(`messages[${i}].function_call`, 'Send the call in tool_calls.');
  note(message, MESSAGE);
  if (Array.isArray(message.content))
    for (const part of message.content) {
      note(part, PART);
      if (part.type === 'image_url') note(part.image_url, IMAGE);
      else if (part.type === 'file') note(part.file, FILE);
    }
  if (message.role === 'assistant') for (const called of message.tool_calls ?? []) note(called, CALL);
}

function noteTool(tool: ChatTool, note: Note): void {
  note(tool, TOOL);
  if (tool.type === 'function') note(tool.function, FUNCTION);
}

/** Whether the value asks for nothing: `annotations: []`, `audio: null`, as OpenAI's own responses have them. */
export const isWithoutEffect = (value: unknown): boolean =>
  isAbsent(value) ||
  value === false ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);
