/**
 * Types of Bedrock's Converse API, limited to the members that are used here
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
 */
import type { JsonObject } from '../../pivot/chat.js';

/** A block has exactly one of these members; bytes are base64. */
export interface ContentBlock {
  text?: string;
  image?: { format: string; source: BlockSource };
  document?: { format: string; name: string; source: BlockSource };
  audio?: { format: string; source: BlockSource };
  toolUse?: { toolUseId: string; name: string; input: JsonObject };
  toolResult?: { toolUseId: string; content: ContentBlock[]; status?: 'success' | 'error' };
  reasoningContent?: ReasoningBlock;
  cachePoint?: CachePoint;
  citationsContent?: { content?: { text?: string }[]; citations?: unknown };
}

export interface BlockSource {
  bytes?: string;
  s3Location?: { uri: string };
}

export interface ReasoningBlock {
  reasoningText?: { text: string; signature?: string };
  redactedContent?: string;
}

export interface CachePoint {
  type: 'default';
  ttl?: string;
}

export interface Turn {
  role: 'user' | 'assistant';
  content: ContentBlock[];
}

export interface ToolConfig {
  tools: ({ toolSpec: ToolSpec } | { cachePoint: CachePoint })[];
  toolChoice?: { auto: object } | { any: object } | { tool: { name: string } };
}

export interface ToolSpec {
  name: string;
  description?: string;
  inputSchema: { json: JsonObject };
  strict?: boolean;
}

/** `inputTokens` excludes tokens read from and written to the cache. */
export interface ConverseUsage {
  inputTokens?: number;
  outputTokens?: number;
  cacheReadInputTokens?: number | null;
  cacheWriteInputTokens?: number | null;
}

export interface ConverseResponse {
  output: { message?: { content: ContentBlock[] } };
  stopReason: string;
  usage?: ConverseUsage;
}

/** `format` of reasoning from this API, so that only Bedrock gets it back. */
export const REASONING_FORMAT = 'bedrock-converse-v1';
