/**
 * Checks that a body is a Chat Completions request (OpenAI, API reference, "Create chat completion"). Unknown members
 * are kept.
 */
import { arrayAt, invalid, isAbsent, isObject, nameAt, objectAt, stringAt } from '../../pivot/body-shape.js';
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
const HOLDER: Readonly<Record<string, string>> = { text: 'text', refusal: 'refusal' };

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
  nameAt(body['model'], 'model');
  const messages = arrayAt(body['messages'], 'messages');
  if (messages.length === 0) throw invalid('messages', 'an array with at least one message');
  for (let i = 0; i < messages.length; i++) checkMessage(messages[i], `messages[${i}]`);
  if (!isAbsent(body['tools'])) {
    const tools = arrayAt(body['tools'], 'tools');
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
  const message = objectAt(value, path);
  const role = message['role'];
  if (typeof role !== 'string' || !Object.hasOwn(PARTS, role)) {
    throw invalid(`${path}.role`, `"system", "developer", "user", "assistant" or "tool"`);
  }
  // calls of servers that send no ids have none in results either: results follow their calls
  if (role === 'tool') stringAt(message['tool_call_id'], `${path}.tool_call_id`);
  const content = message['content'];
  if (role === 'assistant') {
    if (!isAbsent(message['tool_calls'])) checkCalls(message['tool_calls'], `${path}.tool_calls`);
    if (isAbsent(content)) return;
  }
  checkContent(content, `${path}.content`, PARTS[role]!);
}

function checkContent(content: unknown, path: string, kinds: ReadonlySet<string>): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw invalid(path, 'a text or an array of parts');
  for (let i = 0; i < content.length; i++) {
    const part = objectAt(content[i], `${path}[${i}]`);
    const type = part['type'];
    if (typeof type !== 'string' || !kinds.has(type)) {
      throw invalid(`${path}[${i}].type`, [...kinds].map((kind) => `"${kind}"`).join(', '));
    }
    const holder = HOLDER[type];
    if (holder) stringAt(part[holder], `${path}[${i}].${holder}`);
    else checkMedia(objectAt(part[type], `${path}[${i}].${type}`), type, `${path}[${i}].${type}`);
    if (type === 'image_url') nameAt((part['image_url'] as JsonObject)['url'], `${path}[${i}].image_url.url`);
  }
}

function checkMedia(media: JsonObject, type: string, path: string): void {
  for (const name of MEDIA_TEXTS[type] ?? []) if (!isAbsent(media[name])) stringAt(media[name], `${path}.${name}`);
}

function checkCalls(value: unknown, path: string): void {
  const calls = arrayAt(value, path);
  for (let i = 0; i < calls.length; i++) {
    const call = objectAt(calls[i], `${path}[${i}]`);
    stringAt(call['id'], `${path}[${i}].id`);
    if (call['type'] === 'custom') {
      nameAt(objectAt(call['custom'], `${path}[${i}].custom`)['name'], `${path}[${i}].custom.name`);
      continue;
    }
    const called = objectAt(call['function'], `${path}[${i}].function`);
    nameAt(called['name'], `${path}[${i}].function.name`);
    stringAt(called['arguments'], `${path}[${i}].function.arguments`);
  }
}

/** Checks a tool. Tools of unknown kinds are left to the vendor's translator. */
function checkTool(value: unknown, path: string): void {
  const tool = objectAt(value, path);
  const type = nameAt(tool['type'], `${path}.type`);
  if (type !== 'function' && type !== 'custom') return;
  const inner = objectAt(tool[type], `${path}.${type}`);
  nameAt(inner['name'], `${path}.${type}.name`);
  if (!isAbsent(inner['description'])) stringAt(inner['description'], `${path}.${type}.description`);
  if (!isAbsent(inner['parameters'])) objectAt(inner['parameters'], `${path}.${type}.parameters`);
}

/** Checks the tool choice. Unknown words and kinds of choices are left to the vendor's translator. */
function checkToolChoice(value: unknown): void {
  if (isAbsent(value) || typeof value === 'string') return;
  if (!isObject(value)) throw invalid('tool_choice', 'a word or an object');
  const type = nameAt(value['type'], 'tool_choice.type');
  if (type === 'function' || type === 'custom') {
    nameAt(objectAt(value[type], `tool_choice.${type}`)['name'], `tool_choice.${type}.name`);
  } else if (type === 'allowed_tools') checkAllowedTools(value['allowed_tools'], 'tool_choice.allowed_tools');
}

function checkAllowedTools(value: unknown, path: string): void {
  const allowed = objectAt(value, path);
  if (allowed['mode'] !== 'auto' && allowed['mode'] !== 'required')
    throw invalid(`${path}.mode`, '"auto" or "required"');
  const tools = arrayAt(allowed['tools'], `${path}.tools`);
  for (let i = 0; i < tools.length; i++) {
    const tool = objectAt(tools[i], `${path}.tools[${i}]`);
    const type = nameAt(tool['type'], `${path}.tools[${i}].type`);
    if (type !== 'function' && type !== 'custom') continue;
    nameAt(objectAt(tool[type], `${path}.tools[${i}].${type}`)['name'], `${path}.tools[${i}].${type}.name`);
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

function check(body: JsonObject, name: string, wanted: string, isRight: (value: unknown) => boolean): void {
  const value = body[name];
  if (!isAbsent(value) && !isRight(value)) throw invalid(name, wanted);
}
