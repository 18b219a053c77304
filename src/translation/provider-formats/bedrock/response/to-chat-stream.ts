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
  readonly #splitter = new EventStreamSplitter((frame) => this.#readFrame(frame));
  readonly #blocks = new Map<number, OpenBlock>();
  #callCount = 0;
  #detailCount = 0;
  /** Text beside the JSON answer tool; null once the tool's call has begun. */
  #heldText: string | null = '';
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

  #readFrame(bytes: Buffer): void {
    if (this.#isBroken) return;
    const frame = decodeFrame(bytes);
    if (frame.kind !== 'event') return this.#fail(frame);
    const event = JSON.parse(frame.payload.toString('utf8')) as StreamEvent;
    switch (frame.name) {
      case 'contentBlockDelta':
        return this.#readDelta(event.contentBlockIndex ?? 0, event.delta ?? {});
      case 'messageStart':
        return this.#sendDelta({ role: 'assistant', content: '' });
      case 'contentBlockStart':
        return this.#start(event.contentBlockIndex ?? 0, event.start ?? {});
      case 'contentBlockStop':
        return this.#stop(event.contentBlockIndex ?? 0);
      case 'messageStop':
        this.#isStopped = true;
        if (this.#heldText) this.#sendDelta({ content: this.#heldText });
        return this.#sendDelta({}, toFinishReason(event.stopReason ?? '', this.#callCount > 0));
      case 'metadata':
        if (event.usage) this.#send({ choices: [], usage: toChatUsage(event.usage) });
    }
  }

  /**
   * Sends text. If a tool's input is the answer, the text is held back: it is the answer only if the call never comes.
   */
  #addText(text: string): void {
    if (this.context.jsonTool === undefined) this.#sendDelta({ content: text });
    else if (this.#heldText !== null) this.#heldText += text;
  }

  #sendCitation(citation: unknown): void {
    const annotations = toAnnotations([citation], null, (this.context.lost ??= new Set()));
    if (annotations.length > 0) this.#sendDelta({ annotations });
  }

  #start(at: number, { toolUse }: NonNullable<StreamEvent['start']>): void {
    if (!toolUse) return;
    if (toolUse.name === this.context.jsonTool) {
      this.#blocks.set(at, { kind: 'json', hasText: false });
      this.#heldText = null;
      return;
    }
    const index = this.#callCount++;
    this.#blocks.set(at, { kind: 'call', index, hasArguments: false });
    this.#sendCall({ index, id: toolUse.toolUseId, type: 'function', function: { name: toolUse.name, arguments: '' } });
  }

  #readDelta(at: number, { text, citation, toolUse, reasoningContent }: NonNullable<StreamEvent['delta']>): void {
    if (text !== undefined) return this.#addText(text);
    if (citation !== undefined) return this.#sendCitation(citation);
    const open = this.#blocks.get(at);
    const input = toolUse?.input;
    if (input && open?.kind === 'call') {
      open.hasArguments = true;
      this.#sendCall({ index: open.index, function: { arguments: input } });
    } else if (input && open?.kind === 'json') {
      open.hasText = true;
      this.#sendDelta({ content: input });
    } else if (reasoningContent) this.#readReasoning(at, reasoningContent);
  }

  #readReasoning(
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
    this.#sendDelta({ reasoning_content: text });
  }

  /** Ends a block. Replayable reasoning is sent only when its block is complete, as its signature comes last. */
  #stop(at: number): void {
    const open = this.#blocks.get(at);
    this.#blocks.delete(at);
    if (open?.kind === 'call' && !open.hasArguments)
      this.#sendCall({ index: open.index, function: { arguments: '{}' } });
    else if (open?.kind === 'json' && !open.hasText) this.#sendDelta({ content: '{}' });
    else if (open?.kind === 'reasoning') {
      const { text, signature, redacted } = open;
      const block = redacted === '' ? { reasoningText: { text, signature } } : { redactedContent: redacted };
      const detail = toReasoningDetail(block, this.#detailCount++);
      if (detail) this.#sendDelta({ reasoning_details: [detail] });
    }
  }

  #sendCall(delta: ToolCallDelta): void {
    this.#sendDelta({ tool_calls: [delta] });
  }

  #sendDelta(delta: ChatDelta, finish: FinishReason | null = null): void {
    this.#send({ choices: [{ index: 0, delta, finish_reason: finish }] });
  }

  #send(members: Pick<ChatChunk, 'choices' | 'usage'>): void {
    const { id, created, model } = this.context;
    this.sink.writeChunk({ id, object: 'chat.completion.chunk', created, model, ...members });
  }

  #fail(frame: EventStreamFrame): void {
    this.#isBroken = true;
    this.sink.writeError(toStreamError(frame));
  }
}
