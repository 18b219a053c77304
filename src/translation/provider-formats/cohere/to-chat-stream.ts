/** Converts Cohere's streams to chunks of a chat completion (docs.cohere.com/docs/streaming). */
import { decodeJson, SseReader } from '../../../providers/wire/sse.js';
import type { ChatDelta, FinishReason, JsonObject } from '../../pivot/chat.js';
import type { ChatError, ChatSink, TranslationContext, VendorStream } from '../../pivot/translator.js';
import { toAnnotations } from './citations.js';
import { toFinishReason, isFailure, toChatLogprobs, toChatUsage } from './figures.js';
import { toReasoningDetail } from './thinking.js';
import type { CohereCitation, CohereContent, CohereDelta, CohereEvent } from './wire.js';

export class CohereStream implements VendorStream {
  readonly #events = new SseReader((data) => this.#read(data));
  #hasStarted = false;
  #state: 'open' | 'ended' | 'failed' = 'open';
  #id: string;
  #reasoning = '';
  #reasoningCount = 0;
  #callCount = 0;
  readonly #lost: Set<string>;
  /** Whether the open call's arguments have begun. */
  #hasArguments = true;

  constructor(
    private readonly context: TranslationContext,
    private readonly sink: ChatSink,
  ) {
    this.#id = context.id;
    this.#lost = context.lost ??= new Set();
  }

  push(bytes: Uint8Array): void {
    this.#events.push(bytes);
  }

  end(): boolean {
    const rest = this.#events.getRest();
    if (rest !== null) this.#read(rest);
    return this.#state === 'ended';
  }

  #read(data: string): void {
    if (this.#state !== 'open') return;
    const event = decodeJson(data) as CohereEvent | null;
    if (event !== null) this.#take(event);
  }

  #take(event: CohereEvent): void {
    const { type, delta } = event;
    if (type === undefined && typeof event.message === 'string') return this.#fail(event.message, null);
    if (type === 'message-start') this.#id = event.id ?? this.#id;
    if (!this.#hasStarted) this.#start();
    switch (type) {
      case 'content-start':
      case 'content-delta':
        return this.#readContent(delta?.message?.content, event);
      case 'content-end':
        return this.#endReasoning();
      case 'tool-plan-delta':
        return this.#sendText(delta?.message?.tool_plan);
      case 'tool-call-start':
        return this.#startCall(delta);
      case 'tool-call-delta':
        return this.#sendArguments(delta?.message?.tool_calls?.function?.arguments);
      case 'tool-call-end':
        return this.#endCall();
      case 'message-end':
        return this.#finish(delta ?? {});
      case 'citation-start':
        return this.#sendCitation(delta?.message?.citations);
      default:
    }
  }

  #start(): void {
    this.#hasStarted = true;
    this.#sendDelta({ role: 'assistant', content: '' });
  }

  #readContent(content: CohereContent | undefined, { logprobs }: CohereEvent): void {
    if (content?.thinking) {
      this.#reasoning += content.thinking;
      this.#sendDelta({ reasoning_content: content.thinking });
    }
    this.#sendText(content?.text, logprobs ? toChatLogprobs([logprobs]) : undefined);
  }

  #sendCitation(citation: CohereCitation | undefined): void {
    const annotations = citation ? toAnnotations([citation], this.#lost) : [];
    if (annotations.length > 0) this.#sendDelta({ annotations });
  }

  #sendText(text: string | undefined, logprobs?: JsonObject): void {
    if (text || logprobs) this.#sendDelta({ content: text ?? '' }, null, logprobs);
  }

  #endReasoning(): void {
    if (this.#reasoning === '') return;
    this.#sendDelta({ reasoning_details: [toReasoningDetail(this.#reasoning, this.#reasoningCount++)] });
    this.#reasoning = '';
  }

  #startCall(delta: CohereDelta | null | undefined): void {
    this.#endCall();
    const call = delta?.message?.tool_calls;
    const index = this.#callCount++;
    this.#hasArguments = false;
    this.#sendDelta({
      tool_calls: [
        {
          index,
          id: call?.id ?? `call_${index}`,
          type: 'function',
          function: { name: call?.function?.name ?? '', arguments: '' },
        },
      ],
    });
    this.#sendArguments(call?.function?.arguments);
  }

  /** Sends arguments. Calls come one after the other. A call of a tool without parameters has null, or nothing. */
  #sendArguments(part: string | null | undefined): void {
    if (!part || this.#callCount === 0 || (!this.#hasArguments && part === 'null')) return;
    this.#hasArguments = true;
    this.#sendDelta({ tool_calls: [{ index: this.#callCount - 1, function: { arguments: part } }] });
  }

  #endCall(): void {
    if (!this.#hasArguments) this.#sendArguments('{}');
  }

  #finish({ finish_reason: reason, error, usage: vendorUsage }: CohereDelta): void {
    this.#endReasoning();
    this.#endCall();
    if (error !== undefined || isFailure(reason))
      return this.#fail(error || `Cohere ended its response with ${reason}.`, reason ?? null);
    this.#state = 'ended';
    this.#sendDelta({}, toFinishReason(reason, this.#callCount > 0));
    const usage = toChatUsage(vendorUsage);
    if (usage) this.sink.writeChunk({ ...this.#createHead(), choices: [], usage });
  }

  #fail(message: string, code: string | null): void {
    this.#state = 'failed';
    const error: ChatError = { message, type: 'server_error', param: null, code };
    this.sink.writeError(error);
  }

  #sendDelta(delta: ChatDelta, finish: FinishReason | null = null, logprobs?: JsonObject): void {
    const choice = { index: 0, delta, finish_reason: finish, ...(logprobs && { logprobs }) };
    this.sink.writeChunk({ ...this.#createHead(), choices: [choice] });
  }

  #createHead() {
    const { created, model } = this.context;
    return { id: this.#id, object: 'chat.completion.chunk' as const, created, model };
  }
}
