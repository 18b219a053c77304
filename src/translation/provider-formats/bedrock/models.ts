/**
 * Capabilities of a model on Bedrock, derived from its id. Ids consist of the vendor's name, a dot and the model's name
 * (`us.anthropic.claude-sonnet-4-5-20250929-v1:0`), or are an ARN that contains such an id, or an ARN without one.
 */
import { type ClaudeModel, findClaudeModel } from '../anthropic/claude-models.js';
import { type ConversationRules, findConversationRules } from './conversation-rules.js';

export type ModelFamily =
  | 'claude'
  | 'nova'
  | 'gpt-oss'
  | 'openai'
  | 'mistral'
  | 'llama'
  | 'cohere'
  | 'deepseek'
  | 'qwen'
  | 'ai21'
  | 'titan'
  | 'writer'
  | 'other';

export interface BedrockModel {
  family: ModelFamily;
  /** Null for models of other vendors. */
  claude: ClaudeModel | null;
  /** Accepts an effort. */
  reasons: boolean;
  /** Accepts temperature, top_p and top_k. */
  takesSampling: boolean;
  /** Accepts only one of temperature and top_p, like all Claude models with structured outputs. */
  takesOneOfSampling: boolean;
  rules: ConversationRules;
  /** Accepts a forced tool call. */
  canBeForced: boolean;
  /** Enforces a tool's schema on request (`strict`); Bedrock does not support it for Claude after 4.6. */
  takesStrict: boolean;
  /** Caches prompts marked with a cachePoint; every ARN counts as caching. */
  caches: boolean;
  /** Caches marked lists of tools. */
  cachesTools: boolean;
  /** Caches marked prompts for an hour on request. */
  takesTtl: boolean;
}

/** Claude models without a cache: those before 3.5 v2 and 3.5 Haiku. */
const CLAUDE_WITHOUT_CACHE = /claude-(?:v\d|instant|3-(?:haiku|opus|sonnet)|3-5-sonnet-20240620)/;

const NOVA_VERSION = /nova-(\d)-/;

export function findBedrockModel(id: string): BedrockModel {
  const family = findFamily(id);
  const claude = family === 'claude' ? findClaudeModel(id) : null;
  const rules = findConversationRules(id, family);
  const cachingClaude = claude !== null && !CLAUDE_WITHOUT_CACHE.test(id);
  return {
    family,
    claude,
    rules,
    reasons:
      (claude !== null && claude.thinking !== 'never') ||
      (family === 'nova' && Number(NOVA_VERSION.exec(id)?.[1] ?? 0) >= 2) ||
      family === 'gpt-oss' ||
      family === 'openai',
    takesSampling: claude?.takesSampling ?? true,
    takesOneOfSampling: claude?.takesSchemas ?? false,
    canBeForced: (claude?.takesForcedTools ?? true) && rules.choices.has('any'),
    takesStrict: claude !== null && claude.takesSchemas && claude.takesSampling,
    caches: cachingClaude || family === 'nova' || id.startsWith('arn:'),
    cachesTools: cachingClaude,
    takesTtl: cachingClaude && claude.takesSchemas,
  };
}

/** Names in model ids; the first match counts. */
const FAMILIES: readonly (readonly [string, ModelFamily])[] = [
  ['claude', 'claude'],
  ['amazon.nova', 'nova'],
  ['amazon.titan', 'titan'],
  ['openai.gpt-oss', 'gpt-oss'],
  ['openai.', 'openai'],
  ['mistral.', 'mistral'],
  ['meta.llama', 'llama'],
  ['cohere.', 'cohere'],
  ['deepseek', 'deepseek'],
  ['qwen', 'qwen'],
  ['ai21.', 'ai21'],
  ['writer.', 'writer'],
];

const findFamily = (id: string): ModelFamily => FAMILIES.find(([name]) => id.includes(name))?.[1] ?? 'other';
