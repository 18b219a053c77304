/**
 * Estimates the input tokens of a Messages request, for providers that cannot count them. The estimate is up to a
 * quarter off in either direction for prose and code. Four bytes of UTF-8 count as a token, which holds for English
 * and, as their letters have two or three bytes, roughly for other scripts too.
 */
import { estimatePdfTokens, TOKENS_PER_IMAGE, TOKENS_PER_PAGE } from '../../../../providers/media/tokens.js';
import type { JsonObject } from '../../../pivot/chat.js';
import { isObject, readArray } from '../../../pivot/body-shape.js';

const BYTES_PER_TOKEN = 4;
/** Tokens of the role and the separators around each message. */
const TOKENS_PER_MESSAGE = 4;
/** Tokens of the text that Anthropic adds before the tools to explain how they are called. */
const TOKENS_FOR_TOOL_USE = 346;

/** @throws GatewayError `invalid_body` when `messages` is not an array */
export function estimateTokens(body: JsonObject): { input_tokens: number } {
  const messages = readArray(body['messages'], 'messages');
  const tools = Array.isArray(body['tools']) ? body['tools'] : [];
  let tokens = estimateContent(body['system']);
  for (const message of messages)
    tokens += TOKENS_PER_MESSAGE + (isObject(message) ? estimateContent(message['content']) : 0);
  if (tools.length > 0) tokens += TOKENS_FOR_TOOL_USE + estimateText(JSON.stringify(tools));
  return { input_tokens: Math.ceil(tokens) };
}

function estimateText(text: string): number {
  return Buffer.byteLength(text) / BYTES_PER_TOKEN;
}

function estimateContent(content: unknown): number {
  if (typeof content === 'string') return estimateText(content);
  if (!Array.isArray(content)) return 0;
  return content.reduce<number>((sum, block) => sum + (isObject(block) ? estimateBlock(block) : 0), 0);
}

function estimateBlock(block: JsonObject): number {
  switch (block['type']) {
    case 'image':
      return TOKENS_PER_IMAGE;
    case 'document':
      return estimateDocument(block['source']);
    case 'tool_result':
    case 'search_result':
      return estimateContent(block['content']);
    // earlier thinking is not shown to the model again, and replay data is not text
    case 'thinking':
    case 'redacted_thinking':
      return 0;
    case 'text':
      return typeof block['text'] === 'string' ? estimateText(block['text']) : 0;
    default:
      return estimateText(JSON.stringify(block));
  }
}

function estimateDocument(source: unknown): number {
  if (!isObject(source)) return 0;
  if (source['type'] === 'content') return estimateContent(source['content']);
  const { data } = source;
  // a document that is named by address counts as one page
  if (typeof data !== 'string') return TOKENS_PER_PAGE;
  if (source['type'] === 'text') return estimateText(data);
  return estimatePdfTokens(data.length);
}
