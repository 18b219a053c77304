/** Converts the messages of a Chat request to Cohere's. */
import { createInvalidBodyError, createUnsupportedError } from '../../pivot/body-shape.js';
import type {
  AssistantMessage,
  ChatMessage,
  ImagePart,
  JsonObject,
  ToolCall,
  ToolMessage,
  UserPart,
} from '../../pivot/chat.js';
import { readReasoning } from './thinking.js';

/**
 * Converts messages. Images in tool results move to a user turn directly after the results, which may contain only
 * text.
 */
export function toCohereMessages(messages: readonly ChatMessage[], dropped: Set<string>): JsonObject[] {
  const turns: JsonObject[] = [];
  let images: JsonObject[] = [];
  const addImages = (): void => {
    if (images.length > 0) turns.push({ role: 'user', content: images });
    images = [];
  };
  messages.forEach((message, i) => {
    const path = `messages[${i}]`;
    if (message.role === 'tool') {
      turns.push(toResultTurn(message, path, images));
      return;
    }
    addImages();
    if (message.name) dropped.add('messages[].name');
    if (message.role === 'assistant') turns.push(toAssistantTurn(message, path, dropped));
    else if (message.role === 'user')
      turns.push({ role: 'user', content: toUserContent(message.content, `${path}.content`) });
    else turns.push({ role: 'system', content: message.content });
  });
  addImages();
  return turns;
}

function toUserContent(content: string | readonly UserPart[], path: string): string | JsonObject[] {
  return typeof content === 'string' ? content : content.map((part, i) => toContentPart(part, `${path}[${i}]`));
}

function toContentPart(part: UserPart, path: string): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image_url':
      return toImagePart(part);
    case 'file':
      throw createUnsupportedError(
        path,
        'Cohere’s models do not accept files: send their text, or their pages as images.',
      );
    case 'input_audio':
      throw createUnsupportedError(path, 'Cohere’s models do not accept audio: send its text.');
    default:
      throw createUnsupportedError(`${path}.type`, 'Send "text" or "image_url".');
  }
}

function toImagePart({ image_url: { url, detail } }: ImagePart): JsonObject {
  return { type: 'image_url', image_url: { url, ...(detail && { detail }) } };
}

function toResultTurn({ tool_call_id: id, content }: ToolMessage, path: string, images: JsonObject[]): JsonObject {
  if (typeof content === 'string') return { role: 'tool', tool_call_id: id, content };
  const parts = content.map((part, i) => toContentPart(part, `${path}.content[${i}]`));
  const resultImages = parts.filter(({ type }) => type === 'image_url');
  if (resultImages.length === 0) return { role: 'tool', tool_call_id: id, content: parts };
  images.push({ type: 'text', text: `Images in the result of ${id}:` }, ...resultImages);
  const texts = parts.filter(({ type }) => type === 'text');
  return { role: 'tool', tool_call_id: id, content: texts.length > 0 ? texts : 'The images follow.' };
}

/** Converts an assistant message. Text before calls becomes the `tool_plan`. */
function toAssistantTurn(message: AssistantMessage, path: string, dropped: Set<string>): JsonObject {
  const reasoning = readReasoning(message, dropped).map((thinking) => ({ type: 'thinking', thinking }));
  const text = readText(message);
  const calls = message.tool_calls ?? [];
  if (calls.length === 0)
    return { role: 'assistant', content: reasoning.length === 0 ? text : [...reasoning, ...toTextParts(text)] };
  return {
    role: 'assistant',
    ...(text !== '' && { tool_plan: text }),
    ...(reasoning.length > 0 && { content: reasoning }),
    tool_calls: calls.map((call, i) => toCall(call, `${path}.tool_calls[${i}]`, dropped)),
  };
}

const toTextParts = (text: string): JsonObject[] => (text === '' ? [] : [{ type: 'text', text }]);

/** Returns the text; a refusal is part of it. */
function readText({ content, refusal }: AssistantMessage): string {
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : (content ?? []);
  return parts.map((part) => (part.type === 'text' ? part.text : part.refusal)).join('') + (refusal ?? '');
}

function toCall({ id, type, function: called, extra_content: extra }: ToolCall, path: string, dropped: Set<string>) {
  if ((type as string) !== 'function')
    throw createUnsupportedError(`${path}.type`, 'Cohere’s models call only functions: send it as a function call.');
  if (extra) dropped.add('messages[].tool_calls[].extra_content');
  const text = called.arguments.trim() === '' ? '{}' : called.arguments;
  if (!isJsonObject(text))
    throw createInvalidBodyError(`${path}.function.arguments`, 'a JSON object, written as a string');
  return { id, type, function: { name: called.name, arguments: text } };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
