/** Translates a Responses request to the pivot (OpenAI, API reference, "Create a model response"). */
import {
  readArray,
  createInvalidBodyError,
  isAbsent,
  isObject,
  readName,
  readObject,
  readString,
  createUnsupportedError,
} from '../../../pivot/body-shape.js';
import type { ChatRequest, ChatTool, JsonObject, ReasoningEffort, ResponseFormat } from '../../../pivot/chat.js';
import { DroppedNames } from './dropped-members.js';
import { readInput } from './input-items.js';
import { ToolNames } from './tool-names.js';
import { readToolChoice, readTools } from './tools.js';

export interface ResponsesRequest {
  chat: ChatRequest;
  names: ToolNames;
  dropped: readonly string[];
}

type Kind = 'a number' | 'a string' | 'an object' | 'true or false';

/** Members that have the same name in Chat. */
const SAME_NAME_MEMBERS: Readonly<Record<string, Kind>> = {
  stream: 'true or false',
  temperature: 'a number',
  top_p: 'a number',
  top_logprobs: 'a number',
  parallel_tool_calls: 'true or false',
  metadata: 'an object',
  user: 'a string',
  safety_identifier: 'a string',
  service_tier: 'a string',
  prompt_cache_key: 'a string',
  prompt_cache_retention: 'a string',
  prompt_cache_options: 'an object',
};

/** Members that cannot work without stored state, with an alternative. */
const NEED_STATE: Readonly<Record<string, string>> = {
  previous_response_id: 'Responses are not stored here: send the whole conversation in "input".',
  conversation: 'Conversations are not stored here: send the whole conversation in "input".',
  background: 'Responses are not stored here and could not be fetched later: leave "background" out, or stream.',
  prompt: 'Prompt templates are stored only at OpenAI: send their text in "instructions" and "input".',
};

/** Members that the functions below read, or that do not affect the response. */
const HANDLED_MEMBERS = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'max_output_tokens',
  'reasoning',
  'text',
]);
const IGNORED_MEMBERS = new Set(['include', 'truncation', 'stream_options']);

export function readRequest(body: JsonObject): ResponsesRequest {
  const dropped = new DroppedNames();
  const names = new ToolNames();
  const chat: ChatRequest = { model: readName(body['model'], 'model'), messages: [] };
  for (const [name, value] of Object.entries(body)) readMember(name, value, chat, dropped);
  // tools first: the names of calls in the input depend on them
  const tools = readAllTools(body, names, dropped);
  if (tools.length > 0) chat.tools = tools;
  // OpenAI's own servers refuse it without tools
  if (!chat.tools) delete chat.parallel_tool_calls;
  readChoice(body, chat, dropped);
  readText(body['text'], chat, dropped);
  readReasoning(body['reasoning'], chat, dropped);
  readServiceMembers(body, chat, dropped);
  if (!isAbsent(body['instructions'])) {
    chat.messages.push({ role: 'system', content: readString(body['instructions'], 'instructions') });
  }
  for (const message of readInput(body['input'], names, dropped)) chat.messages.push(message);
  if (chat.messages.length === 0) throw createInvalidBodyError('input', 'a string or an array with at least one item');
  return { chat, names, dropped: dropped.list() };
}

function readMember(name: string, value: unknown, chat: ChatRequest, dropped: DroppedNames): void {
  if (isAbsent(value) || HANDLED_MEMBERS.has(name) || IGNORED_MEMBERS.has(name)) return;
  if (Object.hasOwn(NEED_STATE, name) && value !== false) throw createUnsupportedError(name, NEED_STATE[name]!);
  if (!Object.hasOwn(SAME_NAME_MEMBERS, name)) return dropped.note(name, value);
  if (!isOfKind(value, SAME_NAME_MEMBERS[name]!)) throw createInvalidBodyError(name, SAME_NAME_MEMBERS[name]!);
  chat[name] = value;
}

/** Returns the tools of the request, and those that items of the input add (`additional_tools`). */
function readAllTools(body: JsonObject, names: ToolNames, dropped: DroppedNames): ChatTool[] {
  const tools = isAbsent(body['tools']) ? [] : readTools(body['tools'], 'tools', names, dropped);
  const items = Array.isArray(body['input']) ? (body['input'] as unknown[]) : [];
  for (const [i, item] of items.entries()) {
    if (!isObject(item) || item['type'] !== 'additional_tools') continue;
    tools.push(...readTools(item['tools'], `input[${i}].tools`, names, dropped));
  }
  return tools;
}

function isOfKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'a number':
      return typeof value === 'number';
    case 'a string':
      return typeof value === 'string';
    case 'true or false':
      return typeof value === 'boolean';
    case 'an object':
      return typeof value === 'object' && !Array.isArray(value);
  }
}

/** Reads the tool choice. Without tools nothing can be chosen; where all of them were left out, so is the choice. */
export function readChoice({ tool_choice: value, tools }: JsonObject, chat: ChatRequest, dropped: DroppedNames): void {
  if (isAbsent(value)) return;
  const choice = readToolChoice(value, dropped);
  if (chat.tools && choice !== null) chat.tool_choice = choice;
  else if (choice !== 'none' && choice !== 'auto') {
    if (Array.isArray(tools) && tools.length > 0) return dropped.add('tool_choice');
    throw createInvalidBodyError(
      'tool_choice',
      '"none" or "auto" as long as "tools" holds no function and no custom tool',
    );
  }
}

function readText(value: unknown, chat: ChatRequest, dropped: DroppedNames): void {
  if (isAbsent(value)) return;
  const { format, verbosity, ...others } = readObject(value, 'text');
  for (const [name, other] of Object.entries(others)) dropped.note(`text.${name}`, other);
  if (!isAbsent(verbosity)) chat.verbosity = readString(verbosity, 'text.verbosity') as 'low';
  if (!isAbsent(format)) chat.response_format = readFormat(readObject(format, 'text.format'));
}

function readFormat(format: JsonObject): ResponseFormat {
  const { type, name, description, schema, strict } = format;
  if (type === 'text' || type === 'json_object') return { type };
  if (type !== 'json_schema')
    throw createInvalidBodyError('text.format.type', '"text", "json_object" or "json_schema"');
  return {
    type,
    json_schema: {
      name: readName(name, 'text.format.name'),
      ...(isAbsent(description) ? {} : { description: readString(description, 'text.format.description') }),
      schema: readObject(schema, 'text.format.schema'),
      ...(isAbsent(strict) ? {} : { strict: strict as boolean }),
    },
  };
}

/**
 * Reads the reasoning settings. `summary` needs no member of Chat: the gateway shows any reasoning as a summary,
 * requested or not.
 */
function readReasoning(value: unknown, chat: ChatRequest, dropped: DroppedNames): void {
  if (isAbsent(value)) return;
  const { effort, summary: _summary, generate_summary: _older, ...others } = readObject(value, 'reasoning');
  for (const [name, other] of Object.entries(others)) dropped.note(`reasoning.${name}`, other);
  if (!isAbsent(effort)) chat.reasoning_effort = readString(effort, 'reasoning.effort') as ReasoningEffort;
}

function readServiceMembers(body: JsonObject, chat: ChatRequest, dropped: DroppedNames): void {
  const limit = body['max_output_tokens'];
  if (!isAbsent(limit)) {
    if (typeof limit !== 'number') throw createInvalidBodyError('max_output_tokens', 'a number');
    chat.max_completion_tokens = limit;
  }
  if (!isAbsent(body['include'])) {
    for (const included of readArray(body['include'], 'include')) {
      if (included === 'message.output_text.logprobs') chat.logprobs = true;
      // replay data is always sent: without stored responses nothing works without it
      else if (included !== 'reasoning.encrypted_content') dropped.add(`include.${String(included)}`);
    }
  }
  if (typeof chat.top_logprobs === 'number' && chat.top_logprobs > 0) chat.logprobs = true;
  if (body['truncation'] !== 'disabled') dropped.note('truncation', body['truncation']);
  const options = body['stream_options'];
  if (!isAbsent(options) && readObject(options, 'stream_options')['include_obfuscation'] === true) {
    dropped.add('stream_options.include_obfuscation');
  }
}
