/**
 * Members of messages and tools that no translator looks at: named, so that nothing is lost in silence, or refused where
 * something that was said would be missing. Members of the request itself are each vendor's own affair.
 */
import { isAbsent, isObject, unsupported } from './body-shape.js';
import type { ChatMessage, ChatRequest, ChatTool } from '../chat.js';

const KNOWN: ReadonlySet<string> = new Set([
  ...['role', 'content', 'name', 'refusal', 'tool_call_id', 'tool_calls', 'reasoning_content', 'reasoning_details'].map(
    (name) => `messages[].${name}`,
  ),
  ...['type', 'text', 'refusal', 'image_url', 'file', 'input_audio'].map((name) => `messages[].content[].${name}`),
  ...['url', 'detail'].map((name) => `messages[].content[].image_url.${name}`),
  ...['file_data', 'filename', 'file_id'].map((name) => `messages[].content[].file.${name}`),
  // clients that put a call together from a stream leave its index in it
  ...['id', 'type', 'index', 'function', 'custom'].map((name) => `messages[].tool_calls[].${name}`),
  ...['type', 'function', 'custom'].map((name) => `tools[].${name}`),
  ...['name', 'description', 'parameters', 'strict'].map((name) => `tools[].function.${name}`),
]);

/** Where something was said that would be missing. */
const REFUSED: Readonly<Record<string, string>> = {
  audio: 'Send what was said as content.',
  function_call: 'Send the call in tool_calls.',
};

/** @param taken what the translator looks at beside what all do, as it would be named: `messages[].content[].cache_control` */
export function nameStrays(
  { messages, tools }: ChatRequest,
  dropped: Set<string>,
  taken: ReadonlySet<string> = new Set(),
): void {
  const note = (object: object, prefix: string): void => {
    for (const name in object) {
      const path = prefix + name;
      if (KNOWN.has(path) || taken.has(path) || asksNothing((object as Record<string, unknown>)[name])) continue;
      dropped.add(path);
    }
  };
  for (let i = 0; i < messages.length; i++) noteMessage(messages[i]!, i, note);
  for (const tool of tools ?? []) noteTool(tool, note);
}

type Note = (object: object, prefix: string) => void;

function noteMessage(message: ChatMessage, i: number, note: Note): void {
  for (const name in REFUSED)
    if (!asksNothing((message as object as Record<string, unknown>)[name]))
      throw unsupported(`messages[${i}].${name}`, REFUSED[name]!);
  note(message, 'messages[].');
  if (Array.isArray(message.content))
    for (const part of message.content) {
      note(part, 'messages[].content[].');
      if (part.type === 'image_url') note(part.image_url, 'messages[].content[].image_url.');
      else if (part.type === 'file') note(part.file, 'messages[].content[].file.');
    }
  if (message.role === 'assistant') for (const call of message.tool_calls ?? []) note(call, 'messages[].tool_calls[].');
}

function noteTool(tool: ChatTool, note: Note): void {
  note(tool, 'tools[].');
  if (tool.type === 'function') note(tool.function, 'tools[].function.');
}

/** `annotations: []`, `audio: null`: as OpenAI's own answers have them. */
const asksNothing = (value: unknown): boolean =>
  isAbsent(value) ||
  value === false ||
  (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);
