import { parseExactObject } from '../../../../providers/json/exact.js';
import { copyCacheMark, copyCacheMarkToLast } from '../../../pivot/cache-marks.js';
import { createInvalidBodyError, readName, createUnsupportedError } from '../../../pivot/body-shape.js';
import type {
  AssistantMessage,
  ChatMessage,
  JsonObject,
  SystemMessage,
  ToolCall,
  ToolMessage,
} from '../../../pivot/chat.js';
import { isBlank, toTextBlock, toUserBlocks } from './content-blocks.js';
import { mergeThinking, readReplayedThinking } from '../reasoning-replay.js';
import { ToolCallIds } from './tool-call-ids.js';

export interface Turn {
  role: 'user' | 'assistant';
  content: JsonObject[];
}

/** `system`: text blocks, in order. `turns` alternate, as the vendor requires. */
export interface Conversation {
  system: JsonObject[];
  turns: Turn[];
}

/**
 * Converts messages to turns. Adjacent messages of one side become one turn. System messages at the beginning become
 * the vendor's `system`; later ones stay in position, in the user's turn, and are marked. A conversation of system
 * messages only becomes a user turn.
 */
export function toConversation(messages: readonly ChatMessage[], dropped: Set<string>): Conversation {
  if (!Array.isArray(messages) || messages.length === 0)
    throw createInvalidBodyError('messages', 'an array with at least one message');
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  const ids = new ToolCallIds();
  for (const [i, message] of (messages as readonly ChatMessage[]).entries()) {
    const path = `messages[${i}]`;
    if (message.role !== 'tool' && message.name) dropped.add('messages[].name');
    if (message.role === 'user')
      addContent(
        turns,
        'user',
        copyCacheMarkToLast(message, toUserBlocks(message.content, `${path}.content`, dropped)),
      );
    else if (message.role === 'assistant')
      addContent(turns, 'assistant', copyCacheMarkToLast(message, toAssistantBlocks(message, path, ids, dropped)));
    else if (message.role === 'tool') addResult(turns, toResultBlock(message, path, ids, dropped));
    else if (message.role !== 'system' && message.role !== 'developer')
      throw createInvalidBodyError(`${path}.role`, '"system", "developer", "user", "assistant" or "tool"');
    else if (turns.length === 0) system.push(...copyCacheMarkToLast(message, toSystemBlocks(message, path)));
    else addContent(turns, 'user', copyCacheMarkToLast(message, toSystemBlocks(message, path)).map(markInstruction));
  }
  if (turns.length === 0) addContent(turns, 'user', system.splice(0));
  trimLast(turns.at(-1));
  return { system, turns };
}

function addContent(turns: Turn[], role: Turn['role'], content: JsonObject[]): void {
  if (content.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === role) last.content.push(...content);
  else turns.push({ role, content });
}

/** Inserts a result before all other content of the turn that follows the calls. */
function addResult(turns: Turn[], result: JsonObject): void {
  const last = turns.at(-1);
  if (last?.role !== 'user') return void turns.push({ role: 'user', content: [result] });
  const firstOther = last.content.findIndex(({ type }) => type !== 'tool_result');
  last.content.splice(firstOther < 0 ? last.content.length : firstOther, 0, result);
}

function toSystemBlocks({ content }: SystemMessage, path: string): JsonObject[] {
  return toTextBlocks(content, `${path}.content`);
}

/** Marks a later instruction as one: the vendor has a single system prompt, at the beginning. */
function markInstruction(block: JsonObject): JsonObject {
  return { ...block, text: `<system>\n${block['text'] as string}\n</system>` };
}

function toTextBlocks(content: string | readonly { type: string }[], path: string): JsonObject[] {
  if (typeof content === 'string') return isBlank(content) ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw createInvalidBodyError(path, 'a string or an array of text parts');
  const blocks: JsonObject[] = [];
  for (const [i, part] of (content as readonly { type: string; text?: string; refusal?: string }[]).entries()) {
    if (part.type !== 'text' && part.type !== 'refusal') throw createInvalidBodyError(`${path}[${i}].type`, '"text"');
    const text = part.type === 'refusal' ? part.refusal : part.text;
    const block = toTextBlock({ ...part, type: 'text', text: text! }, `${path}[${i}]`);
    if (block) blocks.push(block);
  }
  return blocks;
}

function toAssistantBlocks(
  message: AssistantMessage,
  path: string,
  ids: ToolCallIds,
  dropped: Set<string>,
): JsonObject[] {
  const blocks = toTextBlocks(message.content ?? message.refusal ?? '', `${path}.content`);
  for (const [i, call] of (message.tool_calls ?? []).entries())
    blocks.push(toCallBlock(call, `${path}.tool_calls[${i}]`, ids));
  const thinking = readReplayedThinking(message, dropped);
  if (thinking.length > 0 && blocks.length === 0) dropped.add('messages[].reasoning_details');
  return mergeThinking(thinking, blocks);
}

function toCallBlock(call: ToolCall, path: string, ids: ToolCallIds): JsonObject {
  if (call.type !== 'function')
    throw createUnsupportedError(`${path}.type`, 'Send it as the call of a function, with one text as its argument.');
  const name = readName(call.function?.name, `${path}.function.name`);
  const input = parseInput(call.function.arguments, `${path}.function.arguments`);
  return copyCacheMark(call, { type: 'tool_use', id: ids.get(readName(call.id, `${path}.id`)), name, input });
}

function parseInput(text: string, path: string): JsonObject {
  if (text === '' || text === undefined) return {};
  const input = parseExactObject(text);
  if (!input)
    throw createInvalidBodyError(
      path,
      'a JSON object, written as a string: send the arguments back as the model wrote them',
    );
  return input;
}

function toResultBlock(message: ToolMessage, path: string, ids: ToolCallIds, dropped: Set<string>): JsonObject {
  const block: JsonObject = {
    type: 'tool_result',
    tool_use_id: ids.get(readName(message.tool_call_id, `${path}.tool_call_id`)),
  };
  if (typeof message.content === 'string') {
    if (message.content !== '') block['content'] = message.content;
  } else {
    const blocks = toUserBlocks(message.content, `${path}.content`, dropped);
    if (blocks.length > 0) block['content'] = blocks;
  }
  return copyCacheMark(message, block);
}

/** Trims the end of an answer to be continued: the vendor refuses white space there. */
function trimLast(last: Turn | undefined): void {
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined;
  if (block?.['type'] === 'text') block['text'] = (block['text'] as string).trimEnd();
}
