import { getJsonText } from '../../../../providers/json/exact.js';
import { ExactMembers, parseWithMembers } from '../../../../providers/json/exact-members.js';
import { decodeJson, SseReader } from '../../../../providers/wire/sse.js';
import type { ChatChunk, ChatDelta, FinishReason, JsonObject } from '../../../pivot/chat.js';
import type { ChatSink, TranslationContext, VendorStream } from '../../../pivot/translator.js';
import { toAnnotations, noteLostBlock } from './citations.js';
import { toReasoningDetail } from './to-chat-response.js';
import { readVendorError } from './to-chat-error.js';
import { toChatUsage, toFinishReason, readRefusalText } from './stop-reasons.js';
import { JSON_RESPONSE_TOOL } from '../request/tools.js';

const CALLS = new ExactMembers({ raw: ['content_block.input'] });

/** The open block; blocks never overlap. `hasArguments`: whether any arguments of a call have arrived. */
interface OpenBlock {
  block: JsonObject;
  hasArguments: boolean;
  /** Length of the text before the block. */
  start: number;
  citations: unknown[];
}

/**
 * Converts the Messages API's stream to Chat chunks, event by event: message_start, then for each block
 * content_block_start, _delta and _stop, then message_delta and message_stop
 * (platform.claude.com/docs/en/build-with-claude/streaming). Buffers thinking until its block ends, as the client must
 * send it back whole, with its signature.
 */
export class MessagesStream implements VendorStream {
  readonly #events = new SseReader((data) => this.#take(data));
  #id: string;
  #model: string;
  #open: OpenBlock | null = null;
  #callCount = 0;
  #textLength = 0;
  readonly #lost: Set<string>;
  #usage: JsonObject = {};
  #stopReason: unknown = null;
  #refusal: string | null = null;
  #isOver = false;

  constructor(
    private readonly context: TranslationContext,
    private readonly sink: ChatSink,
  ) {
    this.#id = context.id;
    this.#model = context.model;
    this.#lost = context.lost ??= new Set();
  }

  push(bytes: Uint8Array): void {
    this.#events.push(bytes);
  }

  /** Returns whether the stream is complete. An error event also ends it. */
  end(): boolean {
    const rest = this.#isOver ? null : this.#events.getRest();
    if (rest !== null && decodeJson(rest)) this.#take(rest);
    return this.#isOver;
  }

  #take(data: string): void {
    if (this.#isOver) return;
    const event = decodeJson(data);
    if (!event)
      return this.#fail({ error: { type: 'api_error', message: 'The provider sent an event that is not JSON.' } });
    switch (event['type']) {
      case 'content_block_delta':
        return this.#readDelta(event['delta'] as JsonObject);
      case 'content_block_start':
        return this.#begin(readStartedBlock(event, data));
      case 'content_block_stop':
        return this.#close(event['index'] as number);
      case 'message_start':
        return this.#start(event['message'] as JsonObject);
      case 'message_delta':
        return this.#readMessageDelta(event);
      case 'message_stop':
        return this.#finish();
      case 'error':
        return this.#fail(event);
    }
  }

  #start(message: JsonObject): void {
    if (typeof message['id'] === 'string') this.#id = message['id'];
    if (typeof message['model'] === 'string') this.#model = message['model'];
    this.#addUsage(message['usage']);
    this.#sendDelta({ role: 'assistant', content: '' });
  }

  #begin(block: JsonObject): void {
    const { type, name, id, input, citations } = block;
    const initialCitations = Array.isArray(citations) ? (citations as unknown[]) : [];
    this.#open = {
      block: { ...block },
      hasArguments: false,
      start: this.#textLength,
      citations: [...initialCitations],
    };
    noteLostBlock(type, this.#lost);
    if (type === 'text' && block['text']) this.#sendText(block['text'] as string);
    if (type === 'thinking' && block['thinking']) this.#sendDelta({ reasoning_content: block['thinking'] as string });
    if (type !== 'tool_use') return;
    if (name !== JSON_RESPONSE_TOOL) {
      const functionCall = { name: name as string, arguments: '' };
      this.#sendDelta({
        tool_calls: [{ index: this.#callCount++, id: id as string, type: 'function', function: functionCall }],
      });
    }
    if (input && Object.keys(input).length > 0) this.#writeArguments(getJsonText(input));
  }

  #readDelta(delta: JsonObject): void {
    const block = this.#open?.block;
    switch (delta['type']) {
      case 'text_delta':
        return this.#sendText(delta['text'] as string);
      case 'citations_delta':
        return void this.#open?.citations.push(delta['citation']);
      case 'input_json_delta':
        return this.#writeArguments(delta['partial_json'] as string);
      case 'thinking_delta':
        if (block) block['thinking'] = `${(block['thinking'] ?? '') as string}${delta['thinking'] as string}`;
        return this.#sendDelta({ reasoning_content: delta['thinking'] as string });
      case 'signature_delta':
        if (block) block['signature'] = `${(block['signature'] ?? '') as string}${delta['signature'] as string}`;
    }
  }

  #sendText(content: string): void {
    this.#textLength += content.length;
    this.#sendDelta({ content });
  }

  #writeArguments(text: string): void {
    if (!this.#open || this.#open.block['type'] !== 'tool_use' || text === '') return;
    this.#open.hasArguments = true;
    if (this.#open.block['name'] === JSON_RESPONSE_TOOL) this.#sendText(text);
    else this.#sendDelta({ tool_calls: [{ index: this.#callCount - 1, function: { arguments: text } }] });
  }

  /** Ends a block. A call without arguments has sent none; it gets `{}`, as an empty text is not JSON. */
  #close(index: number): void {
    if (!this.#open) return;
    const { block, hasArguments, start, citations } = this.#open;
    if (block['type'] === 'tool_use' && !hasArguments) this.#writeArguments('{}');
    const detail = toReasoningDetail(block, index);
    if (detail) this.#sendDelta({ reasoning_details: [detail] });
    const annotations = toAnnotations(citations, { start, end: this.#textLength }, this.#lost);
    if (annotations.length > 0) this.#sendDelta({ annotations });
    this.#open = null;
  }

  #readMessageDelta({ delta, usage }: JsonObject): void {
    const { stop_reason: stopReason, stop_details: details } = (delta ?? {}) as JsonObject;
    if (stopReason) this.#stopReason = stopReason;
    this.#refusal ??= readRefusalText(details);
    this.#addUsage(usage);
  }

  /** Merges usage. Figures are cumulative; null figures are ignored. */
  #addUsage(usage: unknown): void {
    for (const [name, value] of Object.entries(usage ?? {})) if (value !== null) this.#usage[name] = value;
  }

  #finish(): void {
    this.#isOver = true;
    if (this.#refusal !== null) this.#sendDelta({ refusal: this.#refusal });
    this.#sendDelta({}, toFinishReason(this.#stopReason, this.#callCount > 0));
    const usage = toChatUsage(this.#usage);
    if (usage) this.sink.writeChunk({ ...this.#createChunk(), usage });
  }

  #fail(event: JsonObject): void {
    this.#isOver = true;
    const unknown = {
      message: 'The provider ended its stream with an error.',
      type: 'api_error',
      param: null,
      code: null,
    };
    this.sink.writeError(readVendorError(event) ?? unknown);
  }

  #sendDelta(delta: ChatDelta, finish: FinishReason | null = null): void {
    const chunk = this.#createChunk();
    chunk.choices.push({ index: 0, delta, finish_reason: finish });
    this.sink.writeChunk(chunk);
  }

  #createChunk(): ChatChunk {
    return {
      id: this.#id,
      object: 'chat.completion.chunk',
      created: this.context.created,
      model: this.#model,
      choices: [],
    };
  }
}

/**
 * Returns a block at its start. Its input is usually empty and follows in pieces. Input that comes whole keeps its
 * numbers.
 */
function readStartedBlock(event: JsonObject, data: string): JsonObject {
  const block = event['content_block'] as JsonObject;
  if (typeof block['input'] !== 'object' || block['input'] === null) return block;
  return (parseWithMembers(Buffer.from(data, 'latin1'), CALLS) as { content_block: JsonObject }).content_block;
}
