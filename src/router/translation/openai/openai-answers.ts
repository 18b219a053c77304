/** Answers of servers that speak OpenAI's Chat, each with its own habits, brought to one form. */
import { decodeJson, SseReader } from '../../../providers/sse.js';
import type { ChatChunk, ChatCompletion, ChatUsage, JsonObject } from '../chat.js';
import type { ChatError, ChatSink, VendorStream } from '../translator.js';
import { openAiErrorOf } from './openai-error.js';

/** Throws TypeError for what is no completion. */
export function completionOf(value: unknown): ChatCompletion {
  const completion = value as Partial<ChatCompletion> | null;
  if (!Array.isArray(completion?.choices)) throw new TypeError('an answer without choices');
  for (const { message } of completion.choices) tellReasoning(message);
  return completion as ChatCompletion;
}

/** Groq, OpenRouter and newer vLLM say `reasoning` where the others say `reasoning_content`. */
function tellReasoning(told: JsonObject | undefined): void {
  if (typeof told?.['reasoning'] !== 'string') return;
  told['reasoning_content'] ??= told['reasoning'];
  delete told['reasoning'];
}

export class OpenAiStream implements VendorStream {
  readonly #reader = new SseReader((data) => this.#take(data));
  #isOver = false;
  #hasFinished = false;
  #last: ChatChunk | null = null;
  #usage: ChatUsage | null = null;

  constructor(private readonly sink: ChatSink) {}

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /** Some servers (Perplexity) end without `[DONE]`: a finish reason is an end too. */
  end(): boolean {
    const rest = this.#reader.rest();
    if (rest !== null) this.#take(rest);
    if (!this.#isOver && this.#hasFinished) this.#finish();
    return this.#isOver;
  }

  #take(data: string): void {
    if (this.#isOver) return;
    if (data === '[DONE]') return this.#finish();
    const event = decodeJson(data);
    if (!event) return;
    if (event['error']) {
      this.#isOver = true;
      this.sink.error(errorIn(event));
      return;
    }
    const chunk = event as unknown as ChatChunk;
    if (Array.isArray(chunk.choices)) this.#chunk(chunk);
  }

  /** Usage comes in an event of its own, in the last one (Mistral, Groq) or in every one (Perplexity): it is told once, at the end. */
  #chunk(chunk: ChatChunk): void {
    const usage = chunk.usage ?? groqUsage(chunk);
    if (usage) this.#usage = usage;
    this.#last = chunk;
    if (chunk.choices.length === 0) return;
    if (chunk.usage !== undefined) delete chunk.usage;
    for (const { delta, finish_reason: reason } of chunk.choices) {
      if (reason) this.#hasFinished = true;
      tellReasoning(delta as unknown as JsonObject | undefined);
    }
    this.sink.chunk(chunk);
  }

  #finish(): void {
    this.#isOver = true;
    if (this.#usage && this.#last) this.sink.chunk({ ...this.#last, choices: [], usage: this.#usage });
  }
}

const groqUsage = (chunk: ChatChunk): ChatUsage | undefined =>
  (chunk['x_groq'] as { usage?: ChatUsage } | undefined)?.usage;

const errorIn = (event: JsonObject): ChatError => openAiErrorOf(500, Buffer.from(JSON.stringify(event)));
