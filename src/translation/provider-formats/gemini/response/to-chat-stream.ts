/**
 * Converts a stream of `generateContent` to chunks of a chat completion. Calls come whole; cumulative usage comes with
 * every event.
 */
import { parseWithMembers } from '../../../../providers/json/exact-members.js';
import { removeModelPrefix } from '../../../../providers/dialects/gemini/model-names.js';
import { decodeJson, SseReader } from '../../../../providers/wire/sse.js';
import type { ChatChunk, ChatDelta, FinishReason, JsonObject, ReasoningDetail, ToolCall } from '../../../pivot/chat.js';
import type { ChatSink, TranslationContext, VendorStream } from '../../../pivot/translator.js';
import { toImagePart } from './to-chat-response.js';
import { toChatError } from './to-chat-error.js';
import { findFailure, toFinishReason } from './finish-reasons.js';
import { toAnnotations } from './grounding.js';
import { toChatLogprobs } from './logprobs.js';
import { CallIds, GEMINI_CALLS, PartReader, type PartSink } from './parts.js';
import { toChatUsage } from './usage.js';
import type { GeminiResponse, GeminiCandidate, GeminiUsage } from '../wire.js';

export class GeminiStream implements VendorStream {
  readonly #events = new SseReader((data) => this.#take(data));
  readonly #choices: StreamedChoice[] = [];
  readonly lost: Set<string>;
  readonly #ids: CallIds;
  #id: string;
  #model: string;
  #usage: GeminiUsage | null = null;
  #hasFailed = false;

  constructor(
    private readonly context: TranslationContext,
    private readonly sink: ChatSink,
  ) {
    this.#ids = new CallIds(context.id);
    this.lost = context.lost ??= new Set();
    this.#id = context.id;
    this.#model = context.model;
  }

  push(bytes: Uint8Array): void {
    this.#events.push(bytes);
  }

  /**
   * Ends the stream: every choice must have a finish reason. Reasons are sent only now, as a signature may follow them.
   */
  end(): boolean {
    const rest = this.#events.getRest();
    if (rest !== null) this.#take(rest);
    if (this.#hasFailed || this.#choices.length === 0 || !this.#choices.every(({ reason }) => reason !== null))
      return false;
    for (const choice of this.#choices) this.sendDelta(choice.index, {}, choice.reason);
    if (this.#usage) this.sink.writeChunk({ ...this.#createHead(), choices: [], usage: toChatUsage(this.#usage) });
    return true;
  }

  sendDelta(index: number, delta: ChatDelta, reason: FinishReason | null = null, logprobs?: JsonObject): void {
    const choice = { index, delta, finish_reason: reason, ...(logprobs && { logprobs }) };
    this.sink.writeChunk({ ...this.#createHead(), choices: [choice] });
  }

  #createHead(): Pick<ChatChunk, 'id' | 'object' | 'created' | 'model'> {
    return { id: this.#id, object: 'chat.completion.chunk', created: this.context.created, model: this.#model };
  }

  #take(data: string): void {
    if (this.#hasFailed) return;
    const event = parseEvent(data);
    if (event === null) return;
    if (event.error) return this.#fail(toChatError(event.error));
    if (event.usageMetadata) this.#usage = event.usageMetadata;
    if (this.#choices.length === 0) {
      this.#id = event.responseId || this.#id;
      this.#model = removeModelPrefix(event.modelVersion || this.#model);
    }
    for (const candidate of event.candidates ?? []) this.#read(candidate);
    if (event.promptFeedback?.blockReason && this.#choices.length === 0) this.#getChoice(0).reason = 'content_filter';
  }

  #read(candidate: GeminiCandidate): void {
    const choice = this.#getChoice(candidate.index ?? 0);
    choice.logprobs = candidate.logprobsResult ? toChatLogprobs(candidate.logprobsResult) : null;
    for (const part of candidate.content?.parts ?? []) choice.parts.read(part);
    choice.flushLogprobs();
    choice.sendSources(candidate);
    if (!candidate.finishReason || this.#hasFailed) return;
    const failure = findFailure(candidate.finishReason, candidate.finishMessage);
    if (failure) this.#fail(failure);
    else choice.reason = toFinishReason(candidate.finishReason, choice.parts.hasCalls);
  }

  #getChoice(index: number): StreamedChoice {
    const known = this.#choices.find((choice) => choice.index === index);
    if (known) return known;
    const choice = new StreamedChoice(index, this, this.#ids);
    this.#choices.push(choice);
    this.sendDelta(index, { role: 'assistant', content: '' });
    return choice;
  }

  #fail(error: Parameters<ChatSink['writeError']>[0]): void {
    this.#hasFailed = true;
    this.sink.writeError(error);
  }
}

/** Returns null if the data is not a JSON object. */
function parseEvent(data: string): GeminiResponse | null {
  const event = decodeJson(data);
  if (!event || !data.includes('"functionCall"')) return event;
  return parseWithMembers(Buffer.from(data, 'latin1'), GEMINI_CALLS) as GeminiResponse;
}

class StreamedChoice implements PartSink {
  readonly parts: PartReader;
  /** Null until the stream contains it. */
  reason: FinishReason | null = null;
  /** Log probabilities of the current event: sent with its first text, or else separately. */
  logprobs: JsonObject | null = null;
  #callCount = 0;
  #text = '';
  /** Sources already sent: an event may repeat those of earlier ones. */
  readonly #sentAnnotations = new Set<string>();

  constructor(
    readonly index: number,
    private readonly stream: GeminiStream,
    ids: CallIds,
  ) {
    this.parts = new PartReader(ids, this);
  }

  addText(content: string): void {
    const { logprobs } = this;
    this.#text += content;
    this.logprobs = null;
    this.stream.sendDelta(this.index, { content }, null, logprobs ?? undefined);
  }

  flushLogprobs(): void {
    if (this.logprobs) this.addText('');
  }

  sendSources(candidate: GeminiCandidate): void {
    const annotations = toAnnotations(candidate, this.#text, this.stream.lost).filter((annotation) => {
      const text = JSON.stringify(annotation);
      return !this.#sentAnnotations.has(text) && this.#sentAnnotations.add(text);
    });
    if (annotations.length > 0) this.stream.sendDelta(this.index, { annotations });
  }

  addLost(name: string): void {
    this.stream.lost.add(name);
  }

  addThought(text: string): void {
    this.stream.sendDelta(this.index, { reasoning_content: text });
  }

  addDetail(detail: ReasoningDetail): void {
    this.stream.sendDelta(this.index, { reasoning_details: [detail] });
  }

  addCall(call: ToolCall): void {
    this.stream.sendDelta(this.index, { tool_calls: [{ index: this.#callCount++, ...call }] });
  }

  addImage(url: string): void {
    this.stream.sendDelta(this.index, { images: [toImagePart(url)] });
  }
}
