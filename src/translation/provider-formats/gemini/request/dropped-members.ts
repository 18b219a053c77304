/** Members of a request that Gemini does not support: refused if the response would differ, else named as dropped. */
import { createUnsupportedError } from '../../../pivot/body-shape.js';
import { noteUnknownMembers } from '../../../pivot/unknown-members.js';
import type { ChatRequest } from '../../../pivot/chat.js';

/** Members that are translated in this folder, or (stream, model) by the path. */
const TRANSLATED: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'n',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'top_logprobs',
  'response_format',
  'tools',
  'tool_choice',
  'reasoning_effort',
]);

const REFUSED: Readonly<Record<string, string>> = {
  audio: 'Gemini responds with text only on this path: leave it out.',
  functions: 'Send the functions as tools.',
  function_call: 'Send tool_choice instead.',
  web_search_options: 'Leave it out, or call an OpenAI model.',
};

/** Location of thought signatures. */
const TRANSLATED_INSIDE: ReadonlySet<string> = new Set(['messages[].tool_calls[].extra_content']);

/** Values without an effect: they are the default. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  service_tier: 'auto',
  parallel_tool_calls: true,
  verbosity: 'medium',
};

/** Adds members that are left out to `dropped`. Throws `unsupported_parameter` for members that cannot be left out. */
export function noteDropped(chat: ChatRequest, dropped: Set<string>): void {
  for (const name of Object.keys(chat)) {
    const value = chat[name];
    if (TRANSLATED.has(name) || value === null || value === undefined || value === false) continue;
    const advice = REFUSED[name];
    if (advice !== undefined) throw createUnsupportedError(name, advice);
    if (name === 'modalities') checkModalities(value);
    else if (name === 'stream_options') noteStreamOptions(value, dropped);
    else if (DEFAULTS[name] !== value) dropped.add(name);
  }
  noteUnknownMembers(chat, dropped, TRANSLATED_INSIDE);
  // Without tools `parallel_tool_calls` has no effect.
  if (chat.parallel_tool_calls === false && (chat.tools?.length ?? 0) > 0) dropped.add('parallel_tool_calls');
}

function checkModalities(value: unknown): void {
  if (Array.isArray(value) && value.every((kind) => kind === 'text')) return;
  throw createUnsupportedError(
    'modalities',
    'Gemini responds with text only on this path: leave it out, or send ["text"].',
  );
}

/** Every stream reports usage, so `include_usage` is honored with any value. */
function noteStreamOptions(options: object, dropped: Set<string>): void {
  for (const [name, value] of Object.entries(options)) {
    if (name !== 'include_usage' && value !== null && value !== false) dropped.add('stream_options');
  }
}
