/** Converts streams of servers that speak OpenAI's Chat, each with its deviations, to OpenAI's form. */
import { ExactMembers, parseWithMembers } from '../../../../providers/json/exact-members.js';
import { removeModelPrefix } from '../../../../providers/dialects/gemini/model-names.js';
import { readBaseRespStatus } from '../../../../providers/dialects/base/error-status.js';
import { readOpenAiFailedStatus } from '../../../../providers/dialects/failed-response.js';
import { decodeJson, SseReader } from '../../../../providers/wire/sse.js';
import { isObject } from '../../../pivot/body-shape.js';
import type { ChatChunk, ChatUsage, JsonObject } from '../../../pivot/chat.js';
import type { ChatError, ChatSink, TranslationContext, VendorStream } from '../../../pivot/translator.js';
import { isFailure } from './finish-reasons.js';
import { toChatError } from './to-chat-error.js';
import { readSources, type UrlAnnotation } from './sources.js';
import { toChatUsage } from './usage.js';
import { StreamedChoice } from './streamed-choice.js';

const CALLS = new ExactMembers({ raw: ['choices[].delta.tool_calls[].function.arguments'] });

type Head = Pick<ChatChunk, 'id' | 'object' | 'created' | 'model'>;

export class OpenAiStream implements VendorStream {
  readonly #reader = new SseReader((data) => this.#take(data));
  readonly #choices = new Map<number, StreamedChoice>();
  readonly #lost: Set<string>;
  #head: Head;
  #isOver = false;
  #usage: ChatUsage | undefined;
  #sources: UrlAnnotation[] = [];

  constructor(
    context: TranslationContext,
    private readonly sink: ChatSink,
  ) {
    const { id, created, model } = context;
    this.#head = { id, object: 'chat.completion.chunk', created, model };
    this.#lost = context.lost ??= new Set();
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /**
   * Returns whether the stream is complete. Some servers (Perplexity) end without `[DONE]`: a finish reason also counts
   * as the end.
   */
  end(): boolean {
    const rest = this.#reader.getRest();
    if (rest !== null) this.#take(rest);
    if (!this.#isOver && [...this.#choices.values()].some(({ hasFinished }) => hasFinished)) this.#finish();
    return this.#isOver;
  }

  #take(data: string): void {
    if (this.#isOver) return;
    if (data.trim() === '[DONE]') return this.#finish();
    const event = parseEvent(data);
    if (!event) return;
    if (isError(event)) return this.#fail(toChatError(readStatus(event), toBytes(event)));
    this.#readHead(event);
    const choices = Array.isArray(event['choices']) ? (event['choices'] as unknown[]) : [];
    for (const [i, choice] of choices.entries()) if (isObject(choice) && !this.#isOver) this.#readChoice(choice, i);
  }

  /**
   * Notes head, usage and sources. Usage comes in its own event, in the last one (Mistral, Groq) or cumulatively in
   * every one (Perplexity); it is sent once, at the end.
   */
  #readHead(event: JsonObject): void {
    const { id, model, created } = event;
    const groq = isObject(event['x_groq']) ? event['x_groq']['usage'] : undefined;
    this.#usage = toChatUsage(event['usage']) ?? toChatUsage(groq) ?? this.#usage;
    const sources = readSources(event);
    if (sources.length > 0) this.#sources = sources;
    if (typeof id === 'string' && id !== '') this.#head.id = id;
    if (typeof model === 'string' && model !== '') this.#head.model = removeModelPrefix(model);
    if (typeof created === 'number') this.#head.created = created;
  }

  #readChoice(choice: JsonObject, position: number): void {
    const index = typeof choice['index'] === 'number' ? choice['index'] : position;
    let streamed = this.#choices.get(index);
    if (!streamed) this.#choices.set(index, (streamed = new StreamedChoice(index, this.#lost)));
    const { finish_reason: reason } = choice;
    if (isFailure(reason)) return this.#fail(createFailure(String(reason)));
    for (const chunk of streamed.take(choice)) this.sink.writeChunk({ ...this.#head, choices: [chunk] });
  }

  #finish(): void {
    this.#isOver = true;
    for (const [index, choice] of this.#choices)
      for (const chunk of choice.end(index === 0 ? this.#sources : []))
        this.sink.writeChunk({ ...this.#head, choices: [chunk] });
    if (this.#usage) this.sink.writeChunk({ ...this.#head, choices: [], usage: this.#usage });
  }

  #fail(error: ChatError): void {
    this.#isOver = true;
    this.sink.writeError(error);
  }
}

/** Returns null if the data is not a JSON object. Arguments that come as an object keep their numbers. */
function parseEvent(data: string): JsonObject | null {
  const event = decodeJson(data);
  if (!event || !data.includes('"arguments":{')) return event;
  return parseWithMembers(Buffer.from(data, 'latin1'), CALLS) as JsonObject;
}

const createFailure = (reason: string): ChatError => ({
  message: `The provider ended its response with "${reason}".`,
  type: 'server_error',
  param: null,
  code: reason,
});

const toBytes = (event: JsonObject): Buffer => Buffer.from(JSON.stringify(event));

const isError = (event: JsonObject): boolean =>
  Boolean(event['error']) || event['object'] === 'error' || readBaseRespStatus(event['base_resp']) !== null;

/** Status of an error event; it decides the type of an error that has none. */
const readStatus = (event: JsonObject): number => readOpenAiFailedStatus(toBytes(event)) ?? 500;
