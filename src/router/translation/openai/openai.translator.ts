/**
 * Chat Completions to vendors that speak them already: for calls that come in another language (Responses, Messages). What
 * Chat holds for other vendors is taken out, as these servers refuse members that they do not know.
 */
import type { ChatHabits, ProviderAdapter } from '../../../providers/provider-adapter.js';
import type { ChatRequest, JsonObject } from '../chat.js';
import type { TranslationContext, Translator, VendorRequest } from '../translator.js';
import { completionOf } from './openai-answers.js';
import { openAiErrorOf } from './openai-error.js';
import { plainMessages } from './openai-messages.js';
import { OpenAiStream } from './openai-stream.js';

export function openAiTranslator({ chatHabits = {}, takesStreamOptions }: ProviderAdapter): Translator {
  return {
    wantsBytes: false,
    request: (chat, context) => requestOf(chat, context, chatHabits, takesStreamOptions),
    answer: completionOf,
    stream: (context, sink) => new OpenAiStream(context, sink),
    error: openAiErrorOf,
  };
}

/** Models that take `reasoning_effort`: others answer 400 to it, and clients of Messages always ask for thought. */
const reasons = (model: string): boolean => REASONING.test(model) && !model.includes('-chat');
const REASONING = /(?:^|\/)(?:o[1-9]|gpt-(?:[5-9]|[1-9]\d|oss)|grok-3-mini|qwen3|qwen\/qwen3)/;

function requestOf(
  chat: ChatRequest,
  { model, streaming }: TranslationContext,
  habits: ChatHabits,
  takesStreamOptions: boolean,
): VendorRequest {
  const { max_tokens: old, max_completion_tokens: ceiling, top_k: topK, reasoning_effort: effort, ...rest } = chat;
  const dropped: string[] = [];
  const body: JsonObject = { ...rest, model, messages: plainMessages(chat.messages, habits) };
  if (effort !== undefined && effort !== null) {
    if (habits.anyEffort || reasons(model)) body['reasoning_effort'] = effort;
    else dropped.push('reasoning_effort');
  }
  const most = ceiling ?? old ?? null;
  if (most !== null) body[habits.newCeiling ? 'max_completion_tokens' : 'max_tokens'] = most;
  if (topK !== undefined && topK !== null) {
    if (habits.topK) body['top_k'] = topK;
    else dropped.push('top_k');
  }
  if (streaming) body['stream'] = true;
  else delete body['stream'];
  if (streaming && takesStreamOptions) body['stream_options'] = { include_usage: true };
  else delete body['stream_options'];
  for (const name in body) if (body[name] === null) delete body[name];
  for (const name of habits.refuses ?? []) {
    if (!(name in body)) continue;
    if (body[name] !== false) dropped.push(name);
    delete body[name];
  }
  return { path: 'chat/completions', headers: [], body, dropped };
}
