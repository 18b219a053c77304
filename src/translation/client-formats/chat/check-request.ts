/**
 * Checks that a body is a Chat Completions request (OpenAI, API reference, "Create chat completion"). Unknown members
 * are kept.
 */
import {
  readArray,
  createInvalidBodyError,
  isAbsent,
  isObject,
  readName,
  readObject,
  readString,
} from '../../pivot/body-shape.js';
import { ParsedObject } from '../../../providers/json/editable-object.js';
import { checkResponseFormat, promoteSchema } from '../../pivot/response-format.js';
import type { ChatRequest, JsonObject } from '../../pivot/chat.js';

const TEXTS = new Set(['text']);
const USER_PARTS = new Set(['text', 'image_url', 'file', 'input_audio']);
const ASSISTANT_PARTS = new Set(['text', 'refusal']);

const PARTS: Readonly<Record<string, ReadonlySet<string>>> = {
  system: TEXTS,
  developer: TEXTS,
  user: USER_PARTS,
  assistant: ASSISTANT_PARTS,
  tool: USER_PARTS,
};

/** Member that holds the content of a part, by the part's type. */
const CONTENT_MEMBER: Readonly<Record<string, string>> = { text: 'text', refusal: 'refusal' };

/** Members of a media part that must be strings where they are present, by the part's type. */
const MEDIA_TEXTS: Readonly<Record<string, readonly string[]>> = {
  image_url: ['detail'],
  file: ['file_id', 'file_data', 'filename'],
  input_audio: ['data', 'format'],
};

/**
 * Returns the same object after checking what the pivot promises: messages with roles and content, calls and tools.
 * @throws GatewayError `invalid_body` with the path of the wrong member
 */
export function checkChat(body: JsonObject): ChatRequest {
  readName(body['model'], 'model');
  const messages = readArray(body['messages'], 'messages');
  if (messages.length === 0) throw createInvalidBodyError('messages', 'an array with at least one message');
  for (let i = 0; i < messages.length; i++) checkMessage(messages[i], `messages[${i}]`);
  if (!isAbsent(body['tools'])) {
    const tools = readArray(body['tools'], 'tools');
    for (let i = 0; i < tools.length; i++) checkTool(tools[i], `tools[${i}]`);
  }
  checkToolChoice(body['tool_choice']);
  checkScalars(body);
  const editable = new ParsedObject(body);
  checkResponseFormat(editable);
  promoteSchema(editable);
  return body as ChatRequest;
}

function checkMessage(value: unknown, path: string): void {
  const message = readObject(value, path);
  const role = message['role'];
  if (typeof role !== 'string' || !Object.hasOwn(PARTS, role)) {
    throw createInvalidBodyError(`${path}.role`, `"system", "developer", "user", "assistant" or "tool"`);
  }
  // calls of servers that send no ids have none in results either: results follow their calls
  if (role === 'tool') readString(message['tool_call_id'], `${path}.tool_call_id`);
  const content = message['content'];
  if (role === 'assistant') {
    if (!isAbsent(message['tool_calls'])) checkCalls(message['tool_calls'], `${path}.tool_calls`);
    if (isAbsent(content)) return;
  }
  checkContent(content, `${path}.content`, PARTS[role]!);
}

function checkContent(content: unknown, path: string, kinds: ReadonlySet<string>): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw createInvalidBodyError(path, 'a string or an array of parts');
  for (let i = 0; i < content.length; i++) {
    const part = readObject(content[i], `${path}[${i}]`);
    const type = part['type'];
    if (typeof type !== 'string' || !kinds.has(type)) {
      throw createInvalidBodyError(`${path}[${i}].type`, [...kinds].map((kind) => `"${kind}"`).join(', '));
    }
    const holder = CONTENT_MEMBER[type];
    if (holder) readString(part[holder], `${path}[${i}].${holder}`);
    else checkMedia(readObject(part[type], `${path}[${i}].${type}`), type, `${path}[${i}].${type}`);
    if (type === 'image_url') readName((part['image_url'] as JsonObject)['url'], `${path}[${i}].image_url.url`);
  }
}

function checkMedia(media: JsonObject, type: string, path: string): void {
  for (const name of MEDIA_TEXTS[type] ?? []) if (!isAbsent(media[name])) readString(media[name], `${path}.${name}`);
}

function checkCalls(value: unknown, path: string): void {
  const calls = readArray(value, path);
  for (let i = 0; i < calls.length; i++) {
    const call = readObject(calls[i], `${path}[${i}]`);
    readString(call['id'], `${path}[${i}].id`);
    if (call['type'] === 'custom') {
      readName(readObject(call['custom'], `${path}[${i}].custom`)['name'], `${path}[${i}].custom.name`);
      continue;
    }
    const called = readObject(call['function'], `${path}[${i}].function`);
    readName(called['name'], `${path}[${i}].function.name`);
    readString(called['arguments'], `${path}[${i}].function.arguments`);
  }
}

/** Checks a tool. Tools of unknown kinds are left to the vendor's translator. */
function checkTool(value: unknown, path: string): void {
  const tool = readObject(value, path);
  const type = readName(tool['type'], `${path}.type`);
  if (type !== 'function' && type !== 'custom') return;
  const inner = readObject(tool[type], `${path}.${type}`);
  readName(inner['name'], `${path}.${type}.name`);
  if (!isAbsent(inner['description'])) readString(inner['description'], `${path}.${type}.description`);
  if (!isAbsent(inner['parameters'])) readObject(inner['parameters'], `${path}.${type}.parameters`);
}

/** Checks the tool choice. Unknown words and kinds of choices are left to the vendor's translator. */
function checkToolChoice(value: unknown): void {
  if (isAbsent(value) || typeof value === 'string') return;
  if (!isObject(value)) throw createInvalidBodyError('tool_choice', 'a word or an object');
  const type = readName(value['type'], 'tool_choice.type');
  if (type === 'function' || type === 'custom') {
    readName(readObject(value[type], `tool_choice.${type}`)['name'], `tool_choice.${type}.name`);
  } else if (type === 'allowed_tools') checkAllowedTools(value['allowed_tools'], 'tool_choice.allowed_tools');
}

function checkAllowedTools(value: unknown, path: string): void {
  const allowed = readObject(value, path);
  if (allowed['mode'] !== 'auto' && allowed['mode'] !== 'required')
    throw createInvalidBodyError(`${path}.mode`, '"auto" or "required"');
  const tools = readArray(allowed['tools'], `${path}.tools`);
  for (let i = 0; i < tools.length; i++) {
    const tool = readObject(tools[i], `${path}.tools[${i}]`);
    const type = readName(tool['type'], `${path}.tools[${i}].type`);
    if (type !== 'function' && type !== 'custom') continue;
    readName(readObject(tool[type], `${path}.tools[${i}].${type}`)['name'], `${path}.tools[${i}].${type}.name`);
  }
}

const BOOLEANS = ['stream', 'parallel_tool_calls', 'logprobs'];
const NUMBERS = [
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'n',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'top_logprobs',
];
const OBJECTS = ['stream_options', 'response_format', 'logit_bias', 'metadata'];

function checkScalars(body: JsonObject): void {
  for (const name of BOOLEANS) check(body, name, 'true or false', (value) => typeof value === 'boolean');
  for (const name of NUMBERS) check(body, name, 'a number', (value) => typeof value === 'number');
  for (const name of OBJECTS) check(body, name, 'an object', isObject);
}

function check(body: JsonObject, name: string, expected: string, isValid: (value: unknown) => boolean): void {
  const value = body[name];
  if (!isAbsent(value) && !isValid(value)) throw createInvalidBodyError(name, expected);
}
