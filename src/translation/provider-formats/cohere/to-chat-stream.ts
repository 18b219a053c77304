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
  #thought = '';
  #thoughts = 0;
  #calls = 0;
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
    const rest = this.#events.rest();
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
        return this.#content(delta?.message?.content, event);
      case 'content-end':
        return this.#endThought();
      case 'tool-plan-delta':
        return this.#say(delta?.message?.tool_plan);
      case 'tool-call-start':
        return this.#startCall(delta);
      case 'tool-call-delta':
        return this.#argue(delta?.message?.tool_calls?.function?.arguments);
      case 'tool-call-end':
        return this.#endCall();
      case 'message-end':
        return this.#finish(delta ?? {});
      case 'citation-start':
        return this.#cite(delta?.message?.citations);
      default:
    }
  }

  #start(): void {
    this.#hasStarted = true;
    this.#chunk({ role: 'assistant', content: '' });
  }

  #content(content: CohereContent | undefined, { logprobs }: CohereEvent): void {
    if (content?.thinking) {
      this.#thought += content.thinking;
      this.#chunk({ reasoning_content: content.thinking });
    }
    this.#say(content?.text, logprobs ? toChatLogprobs([logprobs]) : undefined);
  }

  #cite(citation: CohereCitation | undefined): void {
    const annotations = citation ? toAnnotations([citation], this.#lost) : [];
    if (annotations.length > 0) this.#chunk({ annotations });
  }

  #say(text: string | undefined, logprobs?: JsonObject): void {
    if (text || logprobs) this.#chunk({ content: text ?? '' }, null, logprobs);
  }

  #endThought(): void {
    if (this.#thought === '') return;
    this.#chunk({ reasoning_details: [toReasoningDetail(this.#thought, this.#thoughts++)] });
    this.#thought = '';
  }

  #startCall(delta: CohereDelta | null | undefined): void {
    this.#endCall();
    const call = delta?.message?.tool_calls;
    const index = this.#calls++;
    this.#hasArguments = false;
    this.#chunk({
      tool_calls: [
        {
          index,
          id: call?.id ?? `call_${index}`,
          type: 'function',
          function: { name: call?.function?.name ?? '', arguments: '' },
        },
      ],
    });
    this.#argue(call?.function?.arguments);
  }

  /** Sends arguments. Calls come one after the other. A call of a tool without parameters has null, or nothing. */
  #argue(part: string | null | undefined): void {
    if (!part || this.#calls === 0 || (!this.#hasArguments && part === 'null')) return;
    this.#hasArguments = true;
    this.#chunk({ tool_calls: [{ index: this.#calls - 1, function: { arguments: part } }] });
  }

  #endCall(): void {
    if (!this.#hasArguments) this.#argue('{}');
  }

  #finish({ finish_reason: reason, error, usage: told }: CohereDelta): void {
    this.#endThought();
    this.#endCall();
    if (error !== undefined || isFailure(reason))
      return this.#fail(error || `Cohere ended its response with ${reason}.`, reason ?? null);
    this.#state = 'ended';
    this.#chunk({}, toFinishReason(reason, this.#calls > 0));
    const usage = toChatUsage(told);
    if (usage) this.sink.chunk({ ...this.#head(), choices: [], usage });
  }

  #fail(message: string, code: string | null): void {
    this.#state = 'failed';
    const error: ChatError = { message, type: 'server_error', param: null, code };
    this.sink.error(error);
  }

  #chunk(delta: ChatDelta, finish: FinishReason | null = null, logprobs?: JsonObject): void {
    const choice = { index: 0, delta, finish_reason: finish, ...(logprobs && { logprobs }) };
    this.sink.chunk({ ...this.#head(), choices: [choice] });
  }

  #head() {
    const { created, model } = this.context;
    return { id: this.#id, object: 'chat.completion.chunk' as const, created, model };
  }
}
