import type { ChatRequest } from '../chat.js';
import { unsupported } from './refusal.js';

/** Members that the other files of this folder put into the request, or that are answered for by whoever calls. */
const TAKEN = new Set([
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

/** Values that ask for nothing, by member: what every vendor does anyway. */
const ASKS_NOTHING: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  presence_penalty: isZero,
  frequency_penalty: isZero,
  service_tier: (value) => value === 'auto' || value === 'default',
  stream_options: (value) => Object.entries(value as object).every(([name, set]) => name === 'include_usage' || !set),
  modalities: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
  verbosity: (value) => value === 'medium',
};

const REFUSED: Readonly<Record<string, string>> = {
  n: 'cannot be more than 1 with Claude: send the request as often as you want answers.',
  modalities: 'must be ["text"]: Claude answers in text alone.',
  audio: 'cannot be used with Claude, which answers in text alone: leave it out.',
  web_search_options:
    'cannot be used with Claude through this interface: leave it out, or offer a search tool of your own in `tools`.',
  functions: 'is the old form and is not translated: send `tools`.',
  function_call: 'is the old form and is not translated: send `tool_choice`.',
};

/** Refuses what cannot be done and would be missed; names in `dropped` whatever else is not understood. */
export function sortMembers(chat: ChatRequest, dropped: Set<string>): void {
  for (const name in chat) {
    const value = chat[name];
    if (value === null || value === undefined || value === false || TAKEN.has(name)) continue;
    if (isEmpty(value) || ASKS_NOTHING[name]?.(value)) continue;
    const advice = REFUSED[name];
    if (advice !== undefined) throw unsupported(name, advice);
    dropped.add(name);
  }
}

function isZero(value: unknown): boolean {
  return value === 0;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
