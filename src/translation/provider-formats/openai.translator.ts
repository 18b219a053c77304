/**
 * Sends Chat Completions to vendors that speak them already, for calls in another client format (Responses, Messages).
 * Removes members meant for other vendors and adapts the rest to the server.
 */
import { ParsedObject } from '../../providers/json/editable-object.js';
import type { OpenAiCompatibility } from '../../providers/contract/openai-compatibility.js';
import type { ProviderAdapter } from '../../providers/contract/provider-adapter.js';
import type { ChatRequest, JsonObject } from '../pivot/chat.js';
import type { TranslationContext, Translator, VendorRequest } from '../pivot/translator.js';
import { adaptChat } from './openai/request/chat-adaptation.js';
import { toChatCompletion } from './openai/response/to-chat-response.js';
import { toChatError } from './openai/response/to-chat-error.js';
import { simplifyMessages } from './openai/request/messages.js';
import { simplifyTools } from './openai/request/tools.js';
import { OpenAiStream } from './openai/response/to-chat-stream.js';

export function createOpenAiTranslator({ compatibility = {} }: ProviderAdapter): Translator {
  return {
    wantsBytes: false,
    translateRequest: (chat, context) => buildRequest(chat, context, compatibility),
    translateResponse: toChatCompletion,
    createStream: (context, sink) => new OpenAiStream(context, sink),
    translateError: toChatError,
  };
}

/**
 * Models of other vendors that accept `reasoning_effort`. Others respond with 400, and clients of Messages always
 * request thinking.
 */
const REASONING = /(?:^|\/)(?:gpt-oss|qwen3|qwen\/qwen3)/;

function buildRequest(
  chat: ChatRequest,
  { model, streaming }: TranslationContext,
  compatibility: OpenAiCompatibility,
): VendorRequest {
  const {
    max_tokens: maxTokensMember,
    max_completion_tokens: ceiling,
    top_k: topK,
    reasoning_effort: effort,
    ...rest
  } = chat;
  const dropped: string[] = [];
  const body: JsonObject = { ...rest, model, messages: simplifyMessages(chat.messages, compatibility, dropped) };
  if (chat.tools) body['tools'] = simplifyTools(chat.tools, compatibility, dropped);
  if (effort !== undefined && effort !== null) {
    // Names of OpenAI's and xAI's models determine the efforts that they accept.
    if (compatibility.anyEffort || compatibility.models || REASONING.test(model)) body['reasoning_effort'] = effort;
    else dropped.push('reasoning_effort');
  }
  const maxTokens = ceiling ?? maxTokensMember ?? null;
  if (maxTokens !== null) body[getCeilingName(compatibility)] = maxTokens;
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

/** The older name if a server knows both: its earlier versions know only that one. */
const getCeilingName = ({ ceiling }: OpenAiCompatibility): string =>
  ceiling === 'max_completion_tokens' ? ceiling : 'max_tokens';
