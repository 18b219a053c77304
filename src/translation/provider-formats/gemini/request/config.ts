/**
 * Builds `generationConfig`: sampling, length and response format
 * (ai.google.dev/api/generate-content#GenerationConfig).
 */
import { createInvalidBodyError } from '../../../pivot/body-shape.js';
import type { ChatRequest, JsonObject, ResponseFormat } from '../../../pivot/chat.js';
import { toThinking } from './thinking.js';
import { toGeminiSchema } from '../schema/from-json-schema.js';

export interface ConfigOptions {
  model: string;
  /** The API refuses both penalties for this model. */
  refusesPenalties: boolean;
}

/** Gemini's seed has 32 bits. */
const MAX_SEED = 2 ** 31 - 1;

export function buildGenerationConfig(chat: ChatRequest, options: ConfigOptions, dropped: Set<string>): JsonObject {
  const config: JsonObject = {
    maxOutputTokens: chat.max_completion_tokens ?? chat.max_tokens,
    temperature: chat.temperature,
    topP: chat.top_p,
    topK: chat.top_k,
    candidateCount: chat.n === 1 ? null : chat.n,
    stopSequences: typeof chat.stop === 'string' ? [chat.stop] : chat.stop,
    seed: toSeed(chat.seed, dropped),
    ...buildPenalties(chat, options, dropped),
    ...buildLogprobs(chat),
    ...buildResponseFormat(chat.response_format, dropped),
  };
  if (chat.reasoning_effort) {
    const { config: thinkingConfig, isHonored } = toThinking(chat.reasoning_effort, options.model);
    config['thinkingConfig'] = thinkingConfig;
    if (!isHonored) dropped.add('reasoning_effort');
  }
  for (const name of Object.keys(config)) if (config[name] === undefined || config[name] === null) delete config[name];
  return config;
}

function toSeed(seed: number | null | undefined, dropped: Set<string>): number | null {
  if (seed === null || seed === undefined) return null;
  if (Number.isInteger(seed) && Math.abs(seed) <= MAX_SEED) return seed;
  dropped.add('seed');
  return null;
}

/** Returns the penalties. Zero counts as absent. */
function buildPenalties(chat: ChatRequest, { refusesPenalties }: ConfigOptions, dropped: Set<string>): JsonObject {
  const { presence_penalty: presence, frequency_penalty: frequency } = chat;
  if (!refusesPenalties) return { presencePenalty: presence, frequencyPenalty: frequency };
  if (presence) dropped.add('presence_penalty');
  if (frequency) dropped.add('frequency_penalty');
  return {};
}

function buildLogprobs({ logprobs: isRequested, top_logprobs: top }: ChatRequest): JsonObject {
  if (isRequested) return { responseLogprobs: true, ...(top && { logprobs: top }) };
  if (top) throw createInvalidBodyError('top_logprobs', 'left out, or logprobs be true');
  return {};
}

/**
 * Converts the response format. A schema's name is only for the client and is left out; its description is for the
 * model and is added to the schema.
 */
function buildResponseFormat(format: ResponseFormat | null | undefined, dropped: Set<string>): JsonObject {
  if (!format || format.type === 'text') return {};
  const responseMimeType = 'application/json';
  if (format.type === 'json_object') return { responseMimeType };
  if (format.type !== 'json_schema')
    throw createInvalidBodyError('response_format.type', '"text", "json_object" or "json_schema"');
  const { schema, description } = format.json_schema;
  if (!schema) return { responseMimeType };
  const schemaWithDescription = description ? { description, ...schema } : schema;
  const responseJsonSchema = toGeminiSchema(schemaWithDescription, 'response_format.json_schema.schema', dropped);
  return { responseMimeType, responseJsonSchema };
}
