/**
 * Chat Completions to vendors that speak them already: for calls that come in another language (Responses, Messages). What
 * Chat holds for other vendors is taken out, as these servers refuse members that they do not know.
 */
import { decodeJson, SseReader } from '../../../providers/sse.js';
import type { ProviderAdapter } from '../../../providers/provider-adapter.js';
import type { AssistantMessage, ChatChunk, ChatCompletion, ChatMessage, ChatRequest, JsonObject } from '../chat.js';
import type {
  ChatError,
  ChatSink,
  TranslationContext,
  Translator,
  VendorRequest,
  VendorStream,
} from '../translator.js';
import { openAiErrorOf } from './openai-error.js';

/** These two name the ceiling anew; all others know the old name, and some only that. */
const NEW_CEILING: ReadonlySet<string> = new Set(['openai', 'azure']);

/** Servers that sample by `top_k` and say so in their Chat API. */
const TAKES_TOP_K: ReadonlySet<string> = new Set(['openrouter', 'fireworks', 'together', 'vllm', 'ollama']);

/** Servers that want their reasoning back in the words in which they told it. */
const TAKES_REASONING: ReadonlySet<string> = new Set(['openrouter']);

export function openAiTranslator({ id, takesStreamOptions }: ProviderAdapter): Translator {
  return {
    wantsBytes: false,
    request: (chat, context) => requestOf(chat, context, id, takesStreamOptions),
    answer: (body) => completionOf(JSON.parse(Buffer.from(body).toString('utf8'))),
    stream: (_context, sink) => new OpenAiStream(sink),
    error: openAiErrorOf,
  };
}

function requestOf(
  chat: ChatRequest,
  { model, streaming }: TranslationContext,
  provider: string,
  takesStreamOptions: boolean,
): VendorRequest {
  const { max_tokens: old, max_completion_tokens: ceiling, top_k: topK, ...rest } = chat;
  const dropped: string[] = [];
  const body: JsonObject = {
    ...rest,
    model,
    messages: chat.messages.map((message) => plainMessage(message, provider)),
  };
  const most = ceiling ?? old ?? null;
  if (most !== null) body[NEW_CEILING.has(provider) ? 'max_completion_tokens' : 'max_tokens'] = most;
  if (topK !== undefined && topK !== null) {
    if (TAKES_TOP_K.has(provider)) body['top_k'] = topK;
    else dropped.push('top_k');
  }
  if (streaming) body['stream'] = true;
  else delete body['stream'];
  if (streaming && takesStreamOptions) body['stream_options'] = { include_usage: true };
  else delete body['stream_options'];
  for (const name in body) if (body[name] === null) delete body[name];
  return { path: 'chat/completions', headers: [], body, dropped };
}

function plainMessage(message: ChatMessage, provider: string): ChatMessage {
  if (message.role !== 'assistant' || TAKES_REASONING.has(provider)) return message;
  const { reasoning_content: _content, reasoning_details: _details, tool_calls: calls, ...kept } = message;
  const plain: AssistantMessage = kept;
  if (calls) plain.tool_calls = calls.map(({ id, type, function: called }) => ({ id, type, function: called }));
  return plain;
}

function completionOf(value: unknown): ChatCompletion {
  const completion = value as Partial<ChatCompletion> | null;
  if (!Array.isArray(completion?.choices)) throw new TypeError('an answer without choices');
  return completion as ChatCompletion;
}

class OpenAiStream implements VendorStream {
  readonly #reader = new SseReader((data) => this.#take(data));
  #isDone = false;
  #hasFinished = false;

  constructor(private readonly sink: ChatSink) {}

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /** Some servers (Perplexity) end without `[DONE]`: a finish reason is an end too. */
  end(): boolean {
    const rest = this.#reader.rest();
    if (rest !== null && !this.#isDone) this.#take(rest);
    return this.#isDone || this.#hasFinished;
  }

  #take(data: string): void {
    if (data === '[DONE]') {
      this.#isDone = true;
      return;
    }
    const event = decodeJson(data);
    if (!event || this.#isDone) return;
    if (event['error']) {
      this.#isDone = true;
      this.sink.error(errorIn(event));
      return;
    }
    const chunk = event as unknown as ChatChunk;
    if (!Array.isArray(chunk.choices)) return;
    if (chunk.choices.some(({ finish_reason: reason }) => reason)) this.#hasFinished = true;
    this.sink.chunk(chunk);
  }
}

const errorIn = (event: JsonObject): ChatError => openAiErrorOf(500, Buffer.from(JSON.stringify(event)));
