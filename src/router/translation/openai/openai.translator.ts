/**
 * Chat Completions to vendors that speak them already: for calls that come in another language (Responses, Messages). What
 * Chat holds for other vendors is taken out, and the rest is brought to what the server takes.
 */
import { ParsedObject } from '../../../providers/editable-object.js';
import type { OpenAiCompatibility } from '../../../providers/openai-compatibility.js';
import type { ProviderAdapter } from '../../../providers/provider-adapter.js';
import type { ChatRequest, JsonObject } from '../chat.js';
import type { TranslationContext, Translator, VendorRequest } from '../translator.js';
import { adaptChat } from './chat-adaptation.js';
import { completionOf } from './openai-answers.js';
import { openAiErrorOf } from './openai-error.js';
import { plainMessages } from './openai-messages.js';
import { plainTools } from './openai-tools.js';
import { OpenAiStream } from './openai-stream.js';

export function openAiTranslator({ compatibility = {} }: ProviderAdapter): Translator {
  return {
    wantsBytes: false,
    request: (chat, context) => requestOf(chat, context, compatibility),
    answer: completionOf,
    stream: (context, sink) => new OpenAiStream(context, sink),
    error: openAiErrorOf,
  };
}

/** Models of other vendors that take `reasoning_effort`: others answer 400 to it, and clients of Messages always ask for thought. */
const REASONING = /(?:^|\/)(?:gpt-oss|qwen3|qwen\/qwen3)/;

function requestOf(
  chat: ChatRequest,
  { model, streaming }: TranslationContext,
  compatibility: OpenAiCompatibility,
): VendorRequest {
  const { max_tokens: old, max_completion_tokens: ceiling, top_k: topK, reasoning_effort: effort, ...rest } = chat;
  const dropped: string[] = [];
  const body: JsonObject = { ...rest, model, messages: plainMessages(chat.messages, compatibility, dropped) };
  if (chat.tools) body['tools'] = plainTools(chat.tools, compatibility, dropped);
  if (effort !== undefined && effort !== null) {
    // What OpenAI's and xAI's models take is told by their names.
    if (compatibility.anyEffort || compatibility.models || REASONING.test(model)) body['reasoning_effort'] = effort;
    else dropped.push('reasoning_effort');
  }
  const most = ceiling ?? old ?? null;
  if (most !== null) body[ceilingName(compatibility)] = most;
  if (topK !== undefined && topK !== null) {
    if (compatibility.topK) body['top_k'] = topK;
    else dropped.push('top_k');
  }
  if (body['cache_control'] && !compatibility.cacheControl) {
    delete body['cache_control'];
    dropped.push('cache_control');
  }
  if (streaming) body['stream'] = true;
  else delete body['stream'];
  if (streaming && !compatibility.refusesStreamOptions) body['stream_options'] = { include_usage: true };
  else delete body['stream_options'];
  for (const name in body) if (body[name] === null) delete body[name];
  const adapted = adaptChat(new ParsedObject(body), compatibility, model);
  return { path: 'chat/completions', headers: [], body, dropped: [...new Set([...dropped, ...adapted])] };
}

/** The older name where a server knows both: earlier versions of it know that one alone. */
const ceilingName = ({ ceiling }: OpenAiCompatibility): string =>
  ceiling === 'max_completion_tokens' ? ceiling : 'max_tokens';
