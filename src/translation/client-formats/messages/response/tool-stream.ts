import type { ToolCallDelta } from '../../../pivot/chat.js';
import type { BlockWriter } from './block-writer.js';
import { JsonEnd } from '../../../pivot/json-end.js';
import { sealEnvelope } from '../../../replay/messages-envelope.js';

/**
 * Writes the tool calls of a stream, one block each. Vendors may interleave parallel calls, but only one block can be
 * open: a call stays open until its arguments are a whole JSON value. Meanwhile the caller of `take` holds everything
 * else back. A call whose arguments stay empty is open until the end.
 */
export class ToolStream {
  #open: { index: number; id: string; end: JsonEnd; extra: ToolCallDelta['extra_content'] } | null = null;
  readonly #startedIndexes = new Set<number>();

  constructor(
    private readonly blocks: BlockWriter,
    private readonly messageId: string,
  ) {}

  get hasCalls(): boolean {
    return this.#startedIndexes.size > 0;
  }

  /** Whether the open call is incomplete. */
  get isWaiting(): boolean {
    return this.#open !== null && !this.#open.end.isReached;
  }

  isOpen(index: number): boolean {
    return this.#open?.index === index;
  }

  stopWaiting(): void {
    if (this.#open) this.#open.end.isReached = true;
  }

  take(call: ToolCallDelta): void {
    // some servers give all calls the index 0: another id is another call
    const isNew = call.id !== undefined && this.isOpen(call.index) && call.id !== this.#open!.id;
    if (isNew || !this.isOpen(call.index)) {
      // only white space can follow a whole value
      if (!isNew && this.#startedIndexes.has(call.index)) return;
      this.#begin(call);
    } else if (call.extra_content) this.#open!.extra = call.extra_content;
    const { function: called } = call as { function?: ToolCallDelta['function'] };
    const text = called?.arguments;
    if (!text) return;
    this.#open!.end.push(text);
    this.blocks.input(text);
  }

  /** Ends the open call's block. */
  end(): void {
    if (!this.#open) return;
    const { id, extra } = this.#open;
    this.#open = null;
    this.blocks.close();
    if (extra) this.#writeExtra(id, extra);
  }

  #begin(call: ToolCallDelta): void {
    this.end();
    const id = call.id ?? `toolu_${this.messageId.replace(/^msg_/, '')}_${call.index}`;
    if (call.extra_content) this.#writeExtra(id, call.extra_content);
    this.#startedIndexes.add(call.index);
    this.#open = { index: call.index, id, end: new JsonEnd(), extra: undefined };
    this.blocks.startToolUse(id, (call as { function?: ToolCallDelta['function'] }).function?.name ?? '');
  }

  /** Writes the extra content of a call (Gemini's thought signature) beside it, under the call's id. */
  #writeExtra(id: string, extra: NonNullable<ToolCallDelta['extra_content']>): void {
    this.blocks.writeRedacted(sealEnvelope({ call: { id, extra_content: extra } }));
  }
}
