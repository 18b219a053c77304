/** Tool calls in streamed Messages ("messages-streaming"): a block is complete with `content_block_stop`. */
import { JsonObject, toJsonNode, toJsonObject, writeJsonTree } from '../../../json/tree.js';
import { InputText } from '../../tool-calls/input-text.js';
import {
  readBlockNames,
  ContentBlocks,
  endWithoutCalls,
  isCallBlock,
  isClientCall,
  isEmptyInput,
  isResultBlock,
  findResultNames,
  createTextBlock,
} from './content-blocks.js';
import type { CallInput, CallStream, EventReading, RefusalOf, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

class StreamedBlock implements ToolCall {
  readonly kind = 'call';
  readonly text = new InputText();
  readonly names: readonly string[];
  readonly isExecuted: boolean;
  isJudged = false;

  constructor(
    readonly block: JsonObject,
    readonly pointer: string,
  ) {
    this.names = readBlockNames(block);
    this.isExecuted = !isClientCall(block);
  }

  /** Input of the call, sent in pieces; servers of other vendors send all of it with the block. */
  get input(): CallInput {
    const whole = this.block.get('input');
    if (isEmptyInput(whole)) return this.text.as('json');
    if (this.text.fault || !this.text.isEmpty) return { kind: 'fault', fault: this.text.fault ?? 'split' };
    return { kind: 'json', text: writeJsonTree(whole!) };
  }
}

export class MessagesCallStream implements CallStream {
  /** Calls by the index of their block. */
  readonly #blocks = new Map<number, StreamedBlock>();
  readonly #calls: StreamedBlock[] = [];
  readonly #names = new Map<string, readonly string[]>();
  /** Indexes of dropped blocks, as counted by the vendor. */
  readonly #dropped = new Set<number>();

  get isOpen(): boolean {
    return this.#calls.some((call) => !call.isJudged);
  }

  read(event: JsonObject): EventReading {
    switch (event.text('type')) {
      case 'message_start':
        return readWhole(event);
      case 'content_block_start':
        return this.#start(event);
      case 'content_block_delta':
        return this.#delta(event);
      case 'content_block_stop':
        return this.#stop(event);
      case 'message_delta':
        return { steps: this.end(), write: (refusalOf) => this.#ended(event, refusalOf) };
      default:
        return { steps: event.text('type') === 'message_stop' ? this.end() : [], write: () => null };
    }
  }

  end(): ToolStep[] {
    return this.#calls.flatMap((call) => this.#judged(call));
  }

  #start(event: JsonObject): EventReading {
    const index = event.index('index') ?? 0;
    const block = event.object('content_block');
    if (block && isResultBlock(block)) {
      const id = block.text('tool_use_id');
      const steps: ToolStep[] = [{ kind: 'result', names: findResultNames(block, this.#names) }];
      this.#blocks.delete(index);
      return { steps, write: (refusalOf) => (this.#isRefused(id, refusalOf) ? this.#drop(index) : this.#moved(event)) };
    }
    const before = this.#blocks.get(index);
    const steps = before ? this.#judged(before) : [];
    if (!block || !isCallBlock(block)) {
      this.#blocks.delete(index);
      return { steps, write: () => this.#moved(event) };
    }
    const call = new StreamedBlock(block, `/content/${index}`);
    if (before) call.text.fail('split');
    this.#blocks.set(index, call);
    this.#calls.push(call);
    const id = block.text('id');
    if (id !== undefined) this.#names.set(id, this.#names.has(id) ? [] : call.names);
    return { steps, write: (refusalOf) => this.#begun(event, index, call, refusalOf) };
  }

  #delta(event: JsonObject): EventReading {
    const index = event.index('index') ?? 0;
    const part = event.object('delta')?.text('partial_json');
    const call = this.#blocks.get(index) ?? (part === undefined ? undefined : this.#unbegun(index));
    if (!call) return { steps: [], write: () => this.#moved(event) };
    if (call.isJudged && !call.text.isTooLong) {
      // judged calls have been sent to the client: nothing more may be added to them
      return { steps: [lateCall(index)], write: () => [] };
    }
    if (part !== undefined) call.text.push(part);
    const steps = call.text.isTooLong ? this.#judged(call) : [];
    return { steps, write: (refusalOf) => this.#changed(event, call, refusalOf) };
  }

  #stop(event: JsonObject): EventReading {
    const call = this.#blocks.get(event.index('index') ?? 0);
    const isUnbegun = call?.names.length === 0;
    return {
      steps: call ? this.#judged(call) : [],
      write: (refusalOf) => (isUnbegun ? this.#changed(event, call, refusalOf) : this.#moved(event)),
    };
  }

  /** Begins a call for pieces without a start event. */
  #unbegun(index: number): StreamedBlock {
    const call = new StreamedBlock(new JsonObject(), `/content/${index}`);
    this.#blocks.set(index, call);
    this.#calls.push(call);
    return call;
  }

  #judged(call: StreamedBlock): ToolStep[] {
    if (call.isJudged) return [];
    call.isJudged = true;
    return [call];
  }

  #isRefused(id: string | undefined, refusalOf: RefusalOf): boolean {
    return id !== undefined && this.#calls.some((call) => call.block.text('id') === id && refusalOf(call) !== null);
  }

  #begun(event: JsonObject, index: number, call: StreamedBlock, refusalOf: RefusalOf): JsonObject[] | null {
    const text = refusalOf(call);
    if (text === null) return this.#moved(event);
    event.set('content_block', createTextBlock(''));
    const delta = { type: 'content_block_delta', index: this.#index(index), delta: { type: 'text_delta', text } };
    return [...(this.#moved(event) ?? [event]), toJsonObject(delta)];
  }

  #changed(event: JsonObject, call: StreamedBlock, refusalOf: RefusalOf): JsonObject[] | null {
    return refusalOf(call) === null ? this.#moved(event) : [];
  }

  /** Drops an event of a removed block. */
  #drop(index: number): JsonObject[] {
    this.#dropped.add(index);
    return [];
  }

  /** Renumbers an event to the remaining index of its block; returns null if it is unchanged. */
  #moved(event: JsonObject): JsonObject[] | null {
    const index = event.index('index');
    if (index === undefined || this.#dropped.size === 0) return null;
    if (this.#dropped.has(index)) return [];
    event.set('index', toJsonNode(this.#index(index)));
    return [event];
  }

  #index(index: number): number {
    return index - [...this.#dropped].filter((dropped) => dropped < index).length;
  }

  #ended(event: JsonObject, refusalOf: RefusalOf): JsonObject[] | null {
    const delta = event.object('delta');
    const refused = this.#calls.filter((call) => refusalOf(call) !== null);
    if (!delta || refused.length === 0) return null;
    const hasCalls = this.#calls.some((call) => isClientCall(call.block) && refusalOf(call) === null);
    if (!hasCalls) endWithoutCalls(delta);
    return [event];
  }
}

/** Piece that arrives after the end of its call: readers differ in which call they add it to. */
const lateCall = (index: number): ToolCall => ({
  kind: 'call',
  names: [],
  pointer: `/content/${index}`,
  input: { kind: 'fault', fault: 'split' },
  isExecuted: false,
});

/** Reads the first message, in which some servers already send content. */
function readWhole(event: JsonObject): EventReading {
  const message = event.object('message');
  const blocks = message && new ContentBlocks(message);
  return {
    steps: blocks?.steps ?? [],
    write: (refusalOf) => (blocks?.refuse(refusalOf) ? [event] : null),
  };
}
