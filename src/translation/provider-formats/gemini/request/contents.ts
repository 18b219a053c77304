/**
 * Converts the conversation to Gemini's turns: separates system messages, groups the tool results of a step, and
 * restores thought signatures to their positions.
 */
import { createInvalidBodyError, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { AssistantMessage, ChatMessage, SystemMessage, ToolMessage, UserPart } from '../../../pivot/chat.js';
import { toModelParts } from './history.js';
import { toAudioPart, toFilePart, toImagePart } from './media.js';
import type { ModelTraits } from '../models.js';
import { toToolResultParts } from './tool-results.js';
import type { GeminiContent, GeminiPart } from '../wire.js';

export interface ContentsOptions {
  traits: ModelTraits;
  /** Whether calls and results carry their ids. Vertex has no ids and matches by order. */
  callIds: boolean;
}

export interface Conversation {
  systemInstruction?: { parts: GeminiPart[] };
  contents: GeminiContent[];
}

/** Calls so far, for the results that follow. Clients may reuse an id: the id then refers to its last call. */
class KnownCalls {
  readonly #calls = new Map<string, { name: string; position: number }>();
  #count = 0;

  add(id: string, name: string): void {
    this.#calls.set(id, { name, position: this.#count++ });
  }

  get(id: string): { name: string; position: number } | undefined {
    return this.#calls.get(id);
  }
}

export function toConversation(
  messages: readonly ChatMessage[],
  options: ContentsOptions,
  dropped: Set<string>,
): Conversation {
  const system: GeminiPart[] = [];
  const contents: GeminiContent[] = [];
  const calls = new KnownCalls();
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    const path = `messages[${i}]`;
    if (message.role !== 'tool' && message.name) dropped.add('messages[].name');
    switch (message.role) {
      case 'system':
      case 'developer':
        for (const text of readTexts(message.content, path)) if (text !== '') system.push({ text });
        break;
      case 'user':
        contents.push({ role: 'user', parts: toUserParts(message.content, `${path}.content`, dropped) });
        break;
      case 'assistant':
        addModelTurn(contents, toModelMessageParts(message, path, options, calls, dropped));
        break;
      case 'tool': {
        const end = findResultsEnd(messages, i);
        contents.push({ role: 'user', parts: toResultParts(messages, i, end, options, calls, dropped) });
        i = end - 1;
        break;
      }
      default:
        throw createInvalidBodyError(`${path}.role`, '"system", "developer", "user", "assistant" or "tool"');
    }
  }
  return completeConversation(system, contents, options.traits);
}

/**
 * Completes the conversation. Gemini needs a turn to respond to, so a conversation of system messages only becomes a
 * user turn.
 */
function completeConversation(system: GeminiPart[], contents: GeminiContent[], traits: ModelTraits): Conversation {
  if (system.length === 0) return { contents };
  if (contents.length === 0) return { contents: [{ role: 'user', parts: system }] };
  if (!traits.lacksSystemInstruction) return { systemInstruction: { parts: system }, contents };
  const [first] = contents;
  if (first?.role === 'user') first.parts.unshift(...system);
  else contents.unshift({ role: 'user', parts: system });
  return { contents };
}

function readTexts(content: SystemMessage['content'], path: string): string[] {
  if (typeof content === 'string') return [content];
  return content.map((part, i) => {
    if (part.type === 'text') return part.text;
    throw createUnsupportedError(
      `${path}.content[${i}]`,
      'Instructions are text only: put images and files in a user message.',
    );
  });
}

export function toUserParts(content: string | readonly UserPart[], path: string, dropped: Set<string>): GeminiPart[] {
  if (typeof content === 'string') return [{ text: content }];
  return content.map((part, i) => toUserPart(part, `${path}[${i}]`, dropped));
}

function toUserPart(part: UserPart, path: string, dropped: Set<string>): GeminiPart {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'image_url':
      if ((part.image_url.detail ?? 'auto') !== 'auto') dropped.add('messages[].content[].image_url.detail');
      return toImagePart(part, path);
    case 'file':
      if (part.file.filename) dropped.add('messages[].content[].file.filename');
      return toFilePart(part, path);
    case 'input_audio':
      return toAudioPart(part);
    default:
      throw createUnsupportedError(`${path}.type`, 'Send "text", "image_url", "file" or "input_audio".');
  }
}

function toModelMessageParts(
  message: AssistantMessage,
  path: string,
  { traits, callIds }: ContentsOptions,
  calls: KnownCalls,
  dropped: Set<string>,
): GeminiPart[] {
  for (const { id, function: called } of message.tool_calls ?? []) {
    if (called) calls.add(id, called.name);
  }
  return toModelParts(message, path, { wantsSignatures: traits.wantsSignatures, callIds }, dropped);
}

/** Merges adjacent model messages into one turn; leaves out empty ones. */
function addModelTurn(contents: GeminiContent[], parts: GeminiPart[]): void {
  if (parts.length === 0) return;
  const last = contents.at(-1);
  if (last?.role === 'model') last.parts.push(...parts);
  else contents.push({ role: 'model', parts });
}

function findResultsEnd(messages: readonly ChatMessage[], from: number): number {
  let end = from + 1;
  while (messages[end]?.role === 'tool') end++;
  return end;
}

/**
 * Returns results in the order of their calls: without ids, only the order distinguishes calls of the same function.
 */
function toResultParts(
  messages: readonly ChatMessage[],
  from: number,
  end: number,
  { traits, callIds }: ContentsOptions,
  calls: KnownCalls,
  dropped: Set<string>,
): GeminiPart[] {
  const results = [];
  for (let i = from; i < end; i++) {
    const message = messages[i] as ToolMessage;
    const call = calls.get(message.tool_call_id);
    if (!call)
      throw createInvalidBodyError(
        `messages[${i}].tool_call_id`,
        'the id of a tool call in an earlier assistant message',
      );
    const content = toUserParts(message.content, `messages[${i}].content`, dropped);
    const id = callIds ? message.tool_call_id : undefined;
    const parts = toToolResultParts(content, { id, name: call.name, takesMedia: traits.takesMediaInResults });
    results.push({ position: call.position, parts });
  }
  return results.sort((one, other) => one.position - other.position).flatMap(({ parts }) => parts);
}
