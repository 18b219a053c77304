/** Writes a stream of Chat chunks as Anthropic's events (platform.claude.com/docs/en/build-with-claude/streaming). */
import { buildAnthropicErrorBody, isAnthropicErrorType } from '../../../../providers/dialects/anthropic/errors.js';
import type {
  ChatChunk,
  ChatDelta,
  ChatUsage,
  ChunkChoice,
  FinishReason,
  JsonObject,
  ToolCallDelta,
} from '../../../pivot/chat.js';
import type { ChatError, ClientStream } from '../../../pivot/translator.js';
import { BlockWriter } from './block-writer.js';
import { toCitations, toPictureText } from './citations.js';
import { type ResponseTerms, createMessageHead } from './from-chat-response.js';
import { toEnding, findMatchedStop, toMessageUsage } from './figures.js';
import { ThinkingStream } from './thinking-stream.js';
import { ToolStream } from './tool-stream.js';

/** One piece of a delta. Pieces are held back while an earlier tool call is incomplete. */
type BufferedDelta = { text: string } | { cited: unknown[] } | { reasoning: ChatDelta } | { call: ToolCallDelta };

export class MessageStream implements ClientStream {
  readonly #blocks: BlockWriter;
  readonly #thinking: ThinkingStream;
  readonly #tools: ToolStream;
  #buffered: BufferedDelta[] = [];
  #hasStarted = false;
  #finish: FinishReason | null = null;
  #matchedStop: unknown;
  #refusal = '';
  #usage: ChatUsage | null = null;

  constructor(
    private readonly write: (events: string) => void,
    private readonly terms: ResponseTerms,
  ) {
    this.#blocks = new BlockWriter(write);
    this.#thinking = new ThinkingStream(this.#blocks, terms.showsThinking, terms.origin);
    this.#tools = new ToolStream(this.#blocks, terms.id);
  }

  writeChunk(chunk: ChatChunk): void {
    if (!this.#hasStarted) this.#start(chunk);
    if (chunk.usage) this.#usage = chunk.usage;
    const choice = chunk.choices[0];
    if (choice) this.#takeChoice(choice);
  }

  #takeChoice(choice: ChunkChoice): void {
    const { delta } = choice as { delta?: ChatDelta };
    if (delta) this.#takeDelta(delta);
    // OpenAI-compatible servers leave it out where it is null
    if (!choice.finish_reason) return;
    this.#finish = choice.finish_reason;
    this.#matchedStop = findMatchedStop(choice);
  }

  #takeDelta(delta: ChatDelta): void {
    if (delta.reasoning_content || delta.reasoning_details?.length) this.#take({ reasoning: delta });
    if (delta.content) this.#take({ text: delta.content });
    if (delta.refusal) {
      this.#refusal += delta.refusal;
      this.#take({ text: delta.refusal });
    }
    if (Array.isArray(delta.annotations)) this.#take({ cited: delta.annotations });
    if (delta.images) for (const image of delta.images) this.#take({ text: toPictureText(image) });
    if (delta.tool_calls) for (const call of delta.tool_calls) this.#take({ call });
  }

  writeError(error: ChatError): void {
    const type = isAnthropicErrorType(error.type) ? error.type : 'api_error';
    this.#emitEvent('error', buildAnthropicErrorBody(type, error.message, error.code));
  }

  end(): void {
    if (!this.#hasStarted) this.#start({ id: this.terms.id, model: this.terms.model });
    while (this.#buffered.length > 0) {
      this.#tools.stopWaiting();
      this.#release();
    }
    this.#tools.end();
    this.#thinking.end();
    this.#blocks.close();
    const ending = toEnding(
      this.#finish,
      this.#matchedStop,
      this.terms.stopSequences,
      this.#tools.hasCalls,
      this.#refusal,
    );
    this.#emitEvent('message_delta', {
      type: 'message_delta',
      delta: { ...ending, container: null },
      usage: toMessageUsage(this.#usage),
    });
    this.#emitEvent('message_stop', { type: 'message_stop' });
  }

  #start(head: { id: string; model: string }): void {
    this.#hasStarted = true;
    const message = {
      ...createMessageHead(head, this.terms),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: toMessageUsage(null),
    };
    this.#emitEvent('message_start', { type: 'message_start', message });
    this.#emitEvent('ping', { type: 'ping' });
  }

  #take(delta: BufferedDelta): void {
    if (this.#tools.isWaiting && !('call' in delta && this.#tools.isOpen(delta.call.index))) {
      this.#buffered.push(delta);
      return;
    }
    this.#send(delta);
    if (this.#buffered.length > 0 && !this.#tools.isWaiting) this.#release();
  }

  /** Takes the held pieces in their order. Pieces after a new unfinished call are held again. */
  #release(): void {
    const deltas = this.#buffered;
    this.#buffered = [];
    for (const delta of deltas) this.#take(delta);
  }

  #send(delta: BufferedDelta): void {
    if ('reasoning' in delta) {
      this.#tools.end();
      this.#thinking.take(delta.reasoning);
      return;
    }
    if ('cited' in delta) {
      for (const citation of toCitations(delta.cited)) this.#blocks.writeCitation(citation);
      return;
    }
    this.#thinking.end();
    if ('text' in delta) {
      this.#tools.end();
      this.#blocks.writeText(delta.text);
      return;
    }
    this.#thinking.release();
    this.#tools.take(delta.call);
  }

  #emitEvent(name: string, data: JsonObject | object): void {
    this.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
