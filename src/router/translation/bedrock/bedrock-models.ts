/**
 * What can be told from a model id of Bedrock's about what the model takes. Ids are the vendor's name, a dot and the model's
 * (`us.anthropic.claude-sonnet-4-5-20250929-v1:0`), or an ARN that holds one, or an ARN that says nothing.
 */
import { type ClaudeModel, claudeModel } from '../anthropic/claude-models.js';
import { type ConversationRules, rulesOf } from './bedrock-rules.js';

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
  /** Null for models of others. */
  claude: ClaudeModel | null;
  /** Can be told how hard to think. */
  reasons: boolean;
  /** Takes temperature, top_p and top_k. */
  takesSampling: boolean;
  /** Takes only one of temperature and top_p, as Claude does since it keeps to schemas. */
  takesOneOfSampling: boolean;
  rules: ConversationRules;
  /** Can be made to call a tool. */
  canBeForced: boolean;
  /** Keeps tool calls to a tool's schema on demand (`strict`); Bedrock has it for no Claude later than 4.6. */
  takesStrict: boolean;
  /** Keeps prompts that are marked with a cachePoint; ids that say nothing are taken to. */
  caches: boolean;
  /** Keeps lists of tools that are marked. */
  cachesTools: boolean;
  /** Keeps marked prompts for an hour where it is asked to. */
  takesTtl: boolean;
}

/** Claude before 3.5 v2 and 3.5 Haiku. */
const CLAUDE_WITHOUT_CACHE = /claude-(?:v\d|instant|3-(?:haiku|opus|sonnet)|3-5-sonnet-20240620)/;

const NOVA_VERSION = /nova-(\d)-/;

export function bedrockModel(id: string): BedrockModel {
  const family = familyOf(id);
  const claude = family === 'claude' ? claudeModel(id) : null;
  const rules = rulesOf(id, family);
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

/** Names in model ids, in the order of looking. */
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

const familyOf = (id: string): ModelFamily => FAMILIES.find(([name]) => id.includes(name))?.[1] ?? 'other';
