/** Converts Chat to Converse (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). */
import { isAbsent, isObject, createUnsupportedError } from '../../../pivot/body-shape.js';
import { noteUnknownMembers } from '../../../pivot/unknown-members.js';
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import type { TranslationContext, VendorRequest } from '../../../pivot/translator.js';
import { buildInference } from './inference.js';
import { limitCachePoints } from './caching.js';
import { findBedrockModel } from '../models.js';
import { JSON_TOOL, buildTooling } from './tools.js';
import { ConversationWriter } from './turns.js';
import { REASONING_FORMAT } from '../wire.js';

export function toConverseRequest(chat: ChatRequest, context: TranslationContext): VendorRequest {
  const model = findBedrockModel(context.model);
  const dropped = new Set<string>();
  const vendorMembers = buildVendorMembers(chat, dropped);
  noteUnknownMembers(chat, dropped, TRANSLATED_INSIDE);
  const { toolConfig, anthropicChoice, respondsByTool, instruction, isForced } = buildTooling(chat, model, dropped);
  const { system, messages } = new ConversationWriter(model, toolConfig === null, dropped).write(chat.messages);
  if (instruction !== null) system.push({ text: instruction });
  limitCachePoints({ tools: toolConfig?.tools ?? [], system, messages }, dropped);
  const constraints = { isForced, lacksThinking: lacksThinking(chat) };
  const { inferenceConfig, additional } = buildInference(chat, model, constraints, dropped);
  const additionalFields = anthropicChoice ? { ...additional, tool_choice: anthropicChoice } : additional;
  context.jsonTool = respondsByTool ? JSON_TOOL : undefined;
  const body: JsonObject = {
    ...(system.length > 0 ? { system } : {}),
    messages,
    ...(hasMembers(inferenceConfig) ? { inferenceConfig } : {}),
    ...(toolConfig ? { toolConfig } : {}),
    ...(hasMembers(additionalFields) ? { additionalModelRequestFields: additionalFields } : {}),
    ...vendorMembers,
  };
  const isWhole = context.streaming && toolConfig !== null && model.rules.tools === 'whole';
  const verb = context.streaming && !isWhole ? 'converse-stream' : 'converse';
  const path = `model/${encodeURIComponent(context.model)}/${verb}`;
  return { path, headers: [], body, dropped: [...dropped], ...(isWhole && { isWhole }) };
}

/** Whether the last assistant message has calls, or is to be continued, and lacks thinking that can be replayed. */
function lacksThinking({ messages }: ChatRequest): boolean {
  const last = messages.findLast((message) => message.role === 'assistant');
  if (!last || (last !== messages.at(-1) && !last.tool_calls?.length)) return false;
  return !last.reasoning_details?.some((detail) => detail.format === REASONING_FORMAT);
}

/** Members that are translated elsewhere, or expressed by the path. */
const TRANSLATED: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning_effort',
]);

/** Members within messages and tools that this folder translates, in addition to those of every translator. */
const TRANSLATED_INSIDE: ReadonlySet<string> = new Set([
  'messages[].cache_control',
  'messages[].content[].cache_control',
  'messages[].tool_calls[].cache_control',
  'tools[].cache_control',
]);

const REFUSED: Readonly<Record<string, string>> = {
  audio: 'Bedrock responds with text only on this path: leave it out.',
  functions: 'Send the functions as tools.',
  function_call: 'Send tool_choice instead.',
  web_search_options: 'Leave it out, or call a model that searches.',
};

/** Values without an effect: they are the default. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  n: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  verbosity: 'medium',
};

/** Tiers with the same names at AWS. */
const SERVICE_TIERS: ReadonlySet<unknown> = new Set(['flex', 'priority']);

/** Returns the members with an equivalent in Converse; all others are refused or named as dropped. */
function buildVendorMembers(chat: ChatRequest, dropped: Set<string>): JsonObject {
  const members: JsonObject = {};
  for (const [name, value] of Object.entries(chat)) {
    if (TRANSLATED.has(name) || isAbsent(value) || value === false || DEFAULTS[name] === value) continue;
    const advice = REFUSED[name];
    if (advice !== undefined) throw createUnsupportedError(name, advice);
    if (name === 'n')
      throw createUnsupportedError(name, 'Bedrock returns one choice per call: leave it out, or call several times.');
    else if (name === 'modalities') checkModalities(value);
    else if (name === 'service_tier') {
      if (SERVICE_TIERS.has(value)) members['serviceTier'] = { type: value };
      else if (value !== 'auto' && value !== 'default') dropped.add(name);
    } else if (name === 'metadata') noteMetadata(value, members, dropped);
    else if (name === 'stream_options') noteStreamOptions(value, dropped);
    else if (name !== 'logit_bias' || !isObject(value) || hasMembers(value)) dropped.add(name);
  }
  return members;
}

function checkModalities(value: unknown): void {
  if (Array.isArray(value) && value.every((kind) => kind === 'text')) return;
  throw createUnsupportedError(
    'modalities',
    'Bedrock responds with text only on this path: leave it out, or send ["text"].',
  );
}

/** Notes stream options. Usage is always included; the caller decides whether the client receives it. */
function noteStreamOptions(value: unknown, dropped: Set<string>): void {
  for (const [name, option] of Object.entries(isObject(value) ? value : {}))
    if (name !== 'include_usage' && !isAbsent(option) && option !== false) dropped.add(`stream_options.${name}`);
}

/** AWS's pattern for keys and values of `requestMetadata`, by which calls can be found in its logs; at most 16. */
const METADATA_TEXT = /^[A-Za-z0-9\s:_@$#=/+,.-]{1,256}$/;

function noteMetadata(value: unknown, members: JsonObject, dropped: Set<string>): void {
  const pairs = Object.entries(isObject(value) ? value : {});
  if (pairs.length === 0) return;
  const fits = pairs.every(
    ([key, text]) => METADATA_TEXT.test(key) && typeof text === 'string' && (text === '' || METADATA_TEXT.test(text)),
  );
  if (fits && pairs.length <= 16) members['requestMetadata'] = value;
  else dropped.add('metadata');
}

const hasMembers = (object: object): boolean => {
  for (const _ in object) return true;
  return false;
};
