/**
 * Writes a Chat stream as the Responses API streams (OpenAI, API reference, "Streaming events"). Items open when their
 * first delta comes. Reasoning and messages end when another item begins; calls, which may be interleaved, end with the
 * response.
 */
import type {
  ChatChunk,
  ChatUsage,
  ChunkChoice,
  FinishReason,
  ImagePart,
  JsonObject,
  ReasoningDetail,
  ToolCallDelta,
} from '../../../pivot/chat.js';
import type { ChatError, ClientStream } from '../../../pivot/translator.js';
import { EventWriter } from './event-writer.js';
import { ItemIds, type ItemStatus, toLogprobs, type OutputPart, getShownReasoning } from './output-items.js';
import { addDetails, isEmptyReplay, createEmptyReplay, type Replay } from '../../../replay/responses-envelope.js';
import { toIncompleteReason, type ResponseObject, type ResponseState } from './object.js';
import { StreamedCall, StreamedMessage, StreamedReasoning, writeImage } from './streamed-items.js';
import type { ToolNames } from '../request/tool-names.js';

const NOTHING: unknown[] = [];

export interface StreamOptions {
  response: ResponseObject;
  /** `resp_…` */
  id: string;
  names: ToolNames;
  /** Model as requested, until the vendor names its own. */
  model: string;
  /** Origin of the vendor's replay data. */
  origin: string | undefined;
}

export class ResponsesStream implements ClientStream {
  readonly #events: EventWriter;
  readonly #ids: ItemIds;
  #model: string;
  #isStarted = false;
  #reasoning: StreamedReasoning | null = null;
  #message: StreamedMessage | null = null;
  readonly #calls = new Map<number, StreamedCall>();
  readonly #outputIndexes = new Map<object, number>();
  /** JSON of the items by output index. Empty while an item is open. */
  readonly #output: string[] = [];
  /** Replay data that no reasoning item contains yet. */
  #replay: Replay;
  #finish: FinishReason | null = null;
  #usage: ChatUsage | null = null;
  readonly #sources: unknown[] = [];

  constructor(
    private readonly options: StreamOptions,
    write: (events: string) => void,
  ) {
    this.#events = new EventWriter(write);
    this.#ids = new ItemIds(options.id);
    this.#model = options.model;
    this.#replay = createEmptyReplay(options.origin);
  }

  writeChunk(chunk: ChatChunk): void {
    if (chunk.model) this.#model = chunk.model;
    if (!this.#isStarted) this.#start();
    if (chunk.usage) this.#usage = chunk.usage;
    const choice = chunk.choices[0];
    if (choice && !choice.index) this.#takeChoice(choice);
    this.#events.flush();
  }

  end(): void {
    if (!this.#isStarted) this.#start();
    this.#endItems();
    const reason = toIncompleteReason(this.#finish);
    this.#emitEvent(reason ? 'incomplete' : 'completed', { reason, usage: this.#usage });
    this.#events.flush();
  }

  /** Writes first the event that makes OpenAI's SDKs throw, then the one that Codex reads. */
  writeError(error: ChatError): void {
    if (!this.#isStarted) this.#start();
    const { code, message, param } = error;
    this.#events.add('error', JSON.stringify({ code, message, param, error }).slice(1, -1));
    this.#emitEvent('failed', { error, usage: this.#usage });
    this.#events.flush();
  }

  #start(): void {
    this.#isStarted = true;
    this.#emitEvent('created', {});
    this.#emitEvent('in_progress', {});
  }

  #emitEvent(event: 'created' | ResponseState['status'], state: Partial<ResponseState>): void {
    const status = event === 'created' ? 'in_progress' : event;
    const output = this.#output.filter((item) => item !== '');
    const json = this.options.response.toJson({ status, model: this.#model, output, ...state });
    this.#events.add(`response.${event}`, `"response":${json}`);
  }

  #takeChoice({ delta, finish_reason: finish, logprobs }: ChunkChoice): void {
    const reasoning = getShownReasoning(delta);
    if (reasoning) this.#appendReasoning(reasoning);
    if (delta.reasoning_details) this.#collectReplay(delta.reasoning_details);
    if (delta.content) this.#appendText('output_text', delta.content, logprobs);
    if (delta.refusal) this.#appendText('refusal', delta.refusal, null);
    if (Array.isArray(delta.annotations)) this.#addAnnotations(delta.annotations);
    if (delta.images) for (const image of delta.images) this.#addImage(image);
    if (delta.tool_calls) for (const call of delta.tool_calls) this.#addCallDelta(call);
    if (!finish) return;
    this.#finish = finish;
    this.#endItems();
  }

  #appendReasoning(text: string): void {
    this.#endMessage('completed');
    this.#reasoning ??= this.#open('rs', (position) => new StreamedReasoning(this.#events, position));
    this.#reasoning.appendText(text);
  }

  #collectReplay(details: readonly ReasoningDetail[]): void {
    addDetails(this.#replay.details, details);
  }

  #appendText(type: OutputPart['type'], text: string, logprobs: JsonObject | null | undefined): void {
    const message = this.#message ?? this.#startMessage();
    message.appendText(type, text, logprobs ? toLogprobs(logprobs) : NOTHING);
    if (this.#sources.length > 0 && type === 'output_text') message.addAnnotations(this.#sources.splice(0));
  }

  /** Adds sources. Those that come before the text wait for it. */
  #addAnnotations(annotations: readonly unknown[]): void {
    if (this.#message) this.#message.addAnnotations(annotations);
    else this.#sources.push(...annotations);
  }

  #startMessage(): StreamedMessage {
    this.#endReasoning();
    return (this.#message = this.#open('msg', (position) => new StreamedMessage(this.#events, position)));
  }

  #addImage(image: ImagePart): void {
    this.#endReasoning();
    this.#endMessage('completed');
    const index = this.#output.push('') - 1;
    this.#output[index] = writeImage(this.#events, { id: this.#ids.make('ig'), index }, image);
  }

  #addCallDelta(delta: ToolCallDelta): void {
    const known = this.#calls.get(delta.index);
    if (delta.extra_content) this.#replay.calls.set(known?.callId ?? delta.id ?? '', delta.extra_content);
    (known ?? this.#startCall(delta)).add(delta);
  }

  #startCall(delta: ToolCallDelta): StreamedCall {
    this.#endMessage('completed');
    // a signature comes before its call, as reasoning does
    if (this.#reasoning || !isEmptyReplay(this.#replay)) this.#endReasoning(true);
    const name = delta.function.name ?? '';
    const id = delta.id ?? this.#ids.make('call');
    const prefix = this.options.names.isCustom(name) ? 'ctc' : 'fc';
    const call = this.#open(
      prefix,
      (position) => new StreamedCall(this.#events, position, { id, name }, this.options.names),
    );
    this.#calls.set(delta.index, call);
    return call;
  }

  #endItems(): void {
    const status: ItemStatus = toIncompleteReason(this.#finish) ? 'incomplete' : 'completed';
    this.#endReasoning();
    // Sources without a text: a message without a text names them.
    if (this.#sources.length > 0) (this.#message ?? this.#startMessage()).addAnnotations(this.#sources.splice(0));
    this.#endMessage(status);
    for (const call of this.#calls.values()) this.#close(call, call.end(status));
    this.#calls.clear();
    if (!isEmptyReplay(this.#replay)) this.#endReasoning(true);
  }

  /** @param force also when none is open: then an item without a text contains the replay data */
  #endReasoning(force = false): void {
    if (!this.#reasoning && !force) return;
    const reasoning = this.#reasoning ?? this.#open('rs', (position) => new StreamedReasoning(this.#events, position));
    this.#close(reasoning, reasoning.end(this.#replay));
    this.#reasoning = null;
    this.#replay = createEmptyReplay(this.options.origin);
  }

  #endMessage(status: ItemStatus): void {
    if (this.#message) this.#close(this.#message, this.#message.end(status));
    this.#message = null;
  }

  #open<Item extends object>(
    prefix: Parameters<ItemIds['make']>[0],
    make: (position: { id: string; index: number }) => Item,
  ): Item {
    const index = this.#output.push('') - 1;
    const item = make({ id: this.#ids.make(prefix), index });
    this.#outputIndexes.set(item, index);
    return item;
  }

  #close(item: object, json: string): void {
    this.#output[this.#outputIndexes.get(item)!] = json;
  }
}
