import { createUnsupportedError } from '../../../pivot/body-shape.js';
import { noteUnknownMembers } from '../../../pivot/unknown-members.js';
import type { ChatRequest } from '../../../pivot/chat.js';

/** Members that the other files of this folder translate, or that the caller handles. */
const TRANSLATED = new Set([
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
  'user',
  'cache_control',
]);

/** Members within messages and tools that this folder translates, in addition to those of every translator. */
const TRANSLATED_INSIDE = new Set([
  'messages[].cache_control',
  'messages[].content[].cache_control',
  'messages[].tool_calls[].cache_control',
  'tools[].cache_control',
]);

/** Predicates for default values, by member: every vendor behaves so without them. */
const DEFAULT_CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  presence_penalty: isZero,
  frequency_penalty: isZero,
  service_tier: (value) => value === 'auto' || value === 'default',
  stream_options: (value) => Object.entries(value as object).every(([name, set]) => name === 'include_usage' || !set),
  modalities: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
  verbosity: (value) => value === 'medium',
  metadata: isEmpty,
  logit_bias: isEmpty,
  functions: isEmpty,
};

const REFUSED: Readonly<Record<string, string>> = {
  n: 'Claude returns one choice: send the request once for each.',
  modalities: 'Claude responds with text only.',
  audio: 'Claude responds with text only: leave it out.',
  web_search_options: 'Leave it out, or offer your own search tool in `tools`.',
  functions: 'Send `tools`.',
  function_call: 'Send `tool_choice`.',
};

/**
 * Throws `unsupported_parameter` for members whose absence would change the result; adds other unknown members to
 * `dropped`.
 */
export function checkMembers(chat: ChatRequest, dropped: Set<string>): void {
  for (const name in chat) {
    const value = chat[name];
    if (value === null || value === undefined || value === false || TRANSLATED.has(name)) continue;
    if (Object.hasOwn(DEFAULT_CHECKS, name) && DEFAULT_CHECKS[name]!(value)) continue;
    if (Object.hasOwn(REFUSED, name)) throw createUnsupportedError(name, REFUSED[name]!);
    dropped.add(name);
  }
  noteUnknownMembers(chat, dropped, TRANSLATED_INSIDE);
}

function isZero(value: unknown): boolean {
  return value === 0;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
