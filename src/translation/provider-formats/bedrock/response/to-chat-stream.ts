/** Converts ConverseStream's events to Chat chunks (API_runtime_ConverseStream.html). */
import { decodeFrame, type EventStreamFrame, EventStreamSplitter } from '../../../../providers/wire/event-stream.js';
import type { ChatChunk, ChatDelta, FinishReason, ToolCallDelta } from '../../../pivot/chat.js';
import type { ChatSink, TranslationContext, VendorStream } from '../../../pivot/translator.js';
import { toAnnotations } from './citations.js';
import { toChatUsage, toFinishReason, toReasoningDetail } from './to-chat-response.js';
import { toStreamError } from './to-chat-error.js';
import type { ConverseUsage } from '../wire.js';

interface StreamEvent {
  contentBlockIndex?: number;
  start?: { toolUse?: { toolUseId: string; name: string } };
  delta?: {
    text?: string;
    citation?: unknown;
    toolUse?: { input?: string };
    reasoningContent?: { text?: string; signature?: string; redactedContent?: string };
  };
  stopReason?: string;
  usage?: ConverseUsage;
}

/** An open block. */
type OpenBlock =
  | { kind: 'call'; index: number; hasArguments: boolean }
  | { kind: 'json'; hasText: boolean }
  | { kind: 'reasoning'; text: string; signature: string; redacted: string };

export class ConverseStream implements VendorStream {
  readonly #splitter = new EventStreamSplitter((frame) => this.#frame(frame));
  readonly #blocks = new Map<number, OpenBlock>();
  #calls = 0;
  #details = 0;
  /** Text beside the JSON answer tool; null once the tool's call has begun. */
  #aside: string | null = '';
  #isStopped = false;
  #isBroken = false;

  constructor(
    private readonly context: TranslationContext,
    private readonly sink: ChatSink,
  ) {}

  /** @throws Error for bytes that are not an event stream, or for a damaged frame */
  push(bytes: Uint8Array): void {
    if (!this.#isBroken) this.#splitter.push(bytes);
  }

  end(): boolean {
    return this.#isStopped && !this.#splitter.isInsideFrame;
  }

  #frame(bytes: Buffer): void {
    if (this.#isBroken) return;
    const frame = decodeFrame(bytes);
    if (frame.kind !== 'event') return this.#fail(frame);
    const event = JSON.parse(frame.payload.toString('utf8')) as StreamEvent;
    switch (frame.name) {
      case 'contentBlockDelta':
        return this.#delta(event.contentBlockIndex ?? 0, event.delta ?? {});
      case 'messageStart':
        return this.#chunk({ role: 'assistant', content: '' });
      case 'contentBlockStart':
        return this.#start(event.contentBlockIndex ?? 0, event.start ?? {});
      case 'contentBlockStop':
        return this.#stop(event.contentBlockIndex ?? 0);
      case 'messageStop':
        this.#isStopped = true;
        if (this.#aside) this.#chunk({ content: this.#aside });
        return this.#chunk({}, toFinishReason(event.stopReason ?? '', this.#calls > 0));
      case 'metadata':
        if (event.usage) this.#send({ choices: [], usage: toChatUsage(event.usage) });
    }
  }

  /**
   * Sends text. If a tool's input is the answer, the text is held back: it is the answer only if the call never comes.
   */
  #text(text: string): void {
    if (this.context.jsonTool === undefined) this.#chunk({ content: text });
    else if (this.#aside !== null) this.#aside += text;
  }

  #cite(citation: unknown): void {
    const annotations = toAnnotations([citation], null, (this.context.lost ??= new Set()));
    if (annotations.length > 0) this.#chunk({ annotations });
  }

  #start(at: number, { toolUse }: NonNullable<StreamEvent['start']>): void {
    if (!toolUse) return;
    if (toolUse.name === this.context.jsonTool) {
      this.#blocks.set(at, { kind: 'json', hasText: false });
      this.#aside = null;
      return;
    }
    const index = this.#calls++;
    this.#blocks.set(at, { kind: 'call', index, hasArguments: false });
    this.#call({ index, id: toolUse.toolUseId, type: 'function', function: { name: toolUse.name, arguments: '' } });
  }

  #delta(at: number, { text, citation, toolUse, reasoningContent }: NonNullable<StreamEvent['delta']>): void {
    if (text !== undefined) return this.#text(text);
    if (citation !== undefined) return this.#cite(citation);
    const open = this.#blocks.get(at);
    const input = toolUse?.input;
    if (input && open?.kind === 'call') {
      open.hasArguments = true;
      this.#call({ index: open.index, function: { arguments: input } });
    } else if (input && open?.kind === 'json') {
      open.hasText = true;
      this.#chunk({ content: input });
    } else if (reasoningContent) this.#reasoning(at, reasoningContent);
  }

  #reasoning(
    at: number,
    { text, signature, redactedContent }: NonNullable<NonNullable<StreamEvent['delta']>['reasoningContent']>,
  ): void {
    let open = this.#blocks.get(at);
    if (open?.kind !== 'reasoning')
      this.#blocks.set(at, (open = { kind: 'reasoning', text: '', signature: '', redacted: '' }));
    open.signature += signature ?? '';
    open.redacted += redactedContent ?? '';
    if (!text) return;
    open.text += text;
    this.#chunk({ reasoning_content: text });
  }

  /** Ends a block. Replayable reasoning is sent only when its block is complete, as its signature comes last. */
  #stop(at: number): void {
    const open = this.#blocks.get(at);
    this.#blocks.delete(at);
    if (open?.kind === 'call' && !open.hasArguments) this.#call({ index: open.index, function: { arguments: '{}' } });
    else if (open?.kind === 'json' && !open.hasText) this.#chunk({ content: '{}' });
    else if (open?.kind === 'reasoning') {
      const { text, signature, redacted } = open;
      const block = redacted === '' ? { reasoningText: { text, signature } } : { redactedContent: redacted };
      const detail = toReasoningDetail(block, this.#details++);
      if (detail) this.#chunk({ reasoning_details: [detail] });
    }
  }

  #call(delta: ToolCallDelta): void {
    this.#chunk({ tool_calls: [delta] });
  }

  #chunk(delta: ChatDelta, finish: FinishReason | null = null): void {
    this.#send({ choices: [{ index: 0, delta, finish_reason: finish }] });
  }

  #send(members: Pick<ChatChunk, 'choices' | 'usage'>): void {
    const { id, created, model } = this.context;
    this.sink.chunk({ id, object: 'chat.completion.chunk', created, model, ...members });
  }

  #fail(frame: EventStreamFrame): void {
    this.#isBroken = true;
    this.sink.error(toStreamError(frame));
  }
}
