import { isObject, createUnsupportedError } from '../../pivot/body-shape.js';
import type { ChatRequest, JsonObject, ResponseFormat } from '../../pivot/chat.js';
import type { TranslationContext, VendorRequest } from '../../pivot/translator.js';
import { CITATIONS } from './citations.js';
import { COHERE_MEMBERS, noteDropped } from './dropped-members.js';
import { toCohereMessages } from './from-chat-messages.js';
import { toThinking } from './thinking.js';
import { toCohereTools } from './tools.js';

/** Cohere's bounds of `p`. Its default is 0.75, so OpenAI's 1 is closest to 0.99. */
const MIN_P = 0.01;
const MAX_P = 0.99;
const MAX_K = 500;

export function toCohereRequest(chat: ChatRequest, { model, streaming }: TranslationContext): VendorRequest {
  const dropped = new Set<string>();
  noteDropped(chat, dropped);
  const body: JsonObject = {
    model,
    messages: toCohereMessages(chat.messages, dropped),
    ...(streaming && { stream: true }),
    ...buildSampling(chat, dropped),
    ...toCohereTools(chat, dropped),
  };
  const format = toResponseFormat(chat.response_format);
  if (format) body['response_format'] = format;
  const thinking = toThinking(chat.reasoning_effort, model, dropped);
  if (thinking) body['thinking'] = thinking;
  for (const name of COHERE_MEMBERS) if (chat[name] !== undefined && chat[name] !== null) body[name] = chat[name];
  // a stream's header is sent before it is known whether there are citations, and whether their sources have addresses
  if (streaming && mayCite(chat)) dropped.add(CITATIONS);
  return { path: 'v2/chat', headers: streaming ? ['accept', 'text/event-stream'] : [], body, dropped: [...dropped] };
}

/**
 * Whether the response may contain citations: Cohere cites documents and tool results unless the request disables it.
 */
function mayCite(chat: ChatRequest): boolean {
  const { documents, citation_options: options } = chat;
  if (isObject(options) && String(options['mode']).toUpperCase() === 'OFF') return false;
  return Array.isArray(documents) || chat.messages.some(({ role }) => role === 'tool');
}

function buildSampling(chat: ChatRequest, dropped: Set<string>): JsonObject {
  const { top_p: p, top_k: k, stop } = chat;
  const members: JsonObject = {
    max_tokens: chat.max_completion_tokens ?? chat.max_tokens,
    temperature: chat.temperature,
    p: typeof p === 'number' ? Math.min(Math.max(p, MIN_P), MAX_P) : p,
    k: typeof k === 'number' ? Math.min(k, MAX_K) : k,
    stop_sequences: typeof stop === 'string' ? [stop] : stop,
    seed: chat.seed,
    frequency_penalty: toPenalty(chat, 'frequency_penalty', dropped),
    presence_penalty: toPenalty(chat, 'presence_penalty', dropped),
    logprobs: chat.logprobs === true ? true : undefined,
  };
  for (const name in members) if (members[name] === null || members[name] === undefined) delete members[name];
  return members;
}

/**
 * Converts a penalty. OpenAI's range is -2 to 2, Cohere's 0 to 1: Cohere can discourage repetition, but not encourage
 * it.
 */
function toPenalty(chat: ChatRequest, name: 'frequency_penalty' | 'presence_penalty', dropped: Set<string>) {
  const value = chat[name];
  if (typeof value !== 'number') return undefined;
  if (value < 0 || value > 1) dropped.add(name);
  return value < 0 ? undefined : Math.min(value, 1);
}

/**
 * Converts the response format. Cohere has no name for a schema; the description, which the model reads, is added to
 * the schema.
 */
function toResponseFormat(format: ResponseFormat | null | undefined): JsonObject | undefined {
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json_object' };
  if ((format.type as string) !== 'json_schema')
    throw createUnsupportedError('response_format.type', 'Send "text", "json_object" or "json_schema".');
  const { schema, description } = format.json_schema;
  if (!schema) return { type: 'json_object' };
  return { type: 'json_object', json_schema: description ? { description, ...schema } : schema };
}
