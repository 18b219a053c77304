/** Members of a request that Cohere does not support: refused if the response would differ, else named as dropped. */
import { createUnsupportedError } from '../../pivot/body-shape.js';
import { noteUnknownMembers } from '../../pivot/unknown-members.js';
import type { ChatRequest } from '../../pivot/chat.js';

const TRANSLATED: ReadonlySet<string> = new Set(
  `model messages stream max_completion_tokens max_tokens temperature top_p top_k n stop seed presence_penalty
   frequency_penalty logprobs response_format tools tool_choice reasoning_effort modalities stream_options`.split(
    /\s+/,
  ),
);

/** Cohere's own members, which a client may send. */
export const COHERE_MEMBERS = ['documents', 'citation_options', 'safety_mode', 'priority'] as const;

const REFUSED: Readonly<Record<string, string>> = {
  audio: 'Cohere responds with text only: leave it out.',
  functions: 'Send the functions as tools.',
  function_call: 'Send tool_choice instead.',
  web_search_options: 'Leave it out, or call an OpenAI model.',
};

/** Members named by the files that know their origin. */
const TRANSLATED_INSIDE: ReadonlySet<string> = new Set(['messages[].tool_calls[].extra_content']);

/** Values without an effect: they are the default. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  top_logprobs: 0,
  service_tier: 'auto',
  parallel_tool_calls: true,
  verbosity: 'medium',
};

/** Adds members that are left out to `dropped`. Throws `unsupported_parameter` for members that cannot be left out. */
export function noteDropped(chat: ChatRequest, dropped: Set<string>): void {
  const { n, modalities, stream_options: options } = chat;
  if (typeof n === 'number' && n !== 1)
    throw createUnsupportedError('n', 'Cohere returns one choice per call: call it again.');
  if (Array.isArray(modalities) && modalities.some((kind) => kind !== 'text'))
    throw createUnsupportedError('modalities', 'Cohere responds with text only: leave it out, or send ["text"].');
  // every stream reports usage, so `include_usage` is honored with any value
  for (const [name, value] of Object.entries(options ?? {}))
    if (name !== 'include_usage' && value !== null && value !== false) dropped.add('stream_options');
  for (const name of Object.keys(chat)) {
    const value = chat[name];
    if (TRANSLATED.has(name) || (COHERE_MEMBERS as readonly string[]).includes(name)) continue;
    if (value === null || value === undefined || value === false || DEFAULTS[name] === value) continue;
    const advice = REFUSED[name];
    if (advice !== undefined) throw createUnsupportedError(name, advice);
    dropped.add(name);
  }
  noteUnknownMembers(chat, dropped, TRANSLATED_INSIDE);
  // without tools `parallel_tool_calls` has no effect
  if (chat.parallel_tool_calls === false && (chat.tools?.length ?? 0) > 0) dropped.add('parallel_tool_calls');
}
