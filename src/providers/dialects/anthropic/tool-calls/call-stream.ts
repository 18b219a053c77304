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
import type { CallInput, CallStream, EventReading, FindRefusal, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

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
    const startInput = this.block.get('input');
    if (isEmptyInput(startInput)) return this.text.toInput('json');
    if (this.text.fault || !this.text.isEmpty) return { kind: 'fault', fault: this.text.fault ?? 'split' };
    return { kind: 'json', text: writeJsonTree(startInput!) };
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
    switch (event.getText('type')) {
      case 'message_start':
        return readMessageStart(event);
      case 'content_block_start':
        return this.#start(event);
      case 'content_block_delta':
        return this.#readDelta(event);
      case 'content_block_stop':
        return this.#stop(event);
      case 'message_delta':
        return { steps: this.end(), write: (findRefusal) => this.#writeEnd(event, findRefusal) };
      default:
        return { steps: event.getText('type') === 'message_stop' ? this.end() : [], write: () => null };
    }
  }

  end(): ToolStep[] {
    return this.#calls.flatMap((call) => this.#takeUnjudged(call));
  }

  #start(event: JsonObject): EventReading {
    const index = event.getIndex('index') ?? 0;
    const block = event.getObject('content_block');
    if (block && isResultBlock(block)) {
      const id = block.getText('tool_use_id');
      const steps: ToolStep[] = [{ kind: 'result', names: findResultNames(block, this.#names) }];
      this.#blocks.delete(index);
      return {
        steps,
        write: (findRefusal) => (this.#isRefused(id, findRefusal) ? this.#drop(index) : this.#renumber(event)),
      };
    }
    const before = this.#blocks.get(index);
    const steps = before ? this.#takeUnjudged(before) : [];
    if (!block || !isCallBlock(block)) {
      this.#blocks.delete(index);
      return { steps, write: () => this.#renumber(event) };
    }
    const call = new StreamedBlock(block, `/content/${index}`);
    if (before) call.text.fail('split');
    this.#blocks.set(index, call);
    this.#calls.push(call);
    const id = block.getText('id');
    if (id !== undefined) this.#names.set(id, this.#names.has(id) ? [] : call.names);
    return { steps, write: (findRefusal) => this.#writeStart(event, index, call, findRefusal) };
  }

  #readDelta(event: JsonObject): EventReading {
    const index = event.getIndex('index') ?? 0;
    const part = event.getObject('delta')?.getText('partial_json');
    const call = this.#blocks.get(index) ?? (part === undefined ? undefined : this.#beginWithoutStart(index));
    if (!call) return { steps: [], write: () => this.#renumber(event) };
    if (call.isJudged && !call.text.isTooLong) {
      // judged calls have been sent to the client: nothing more may be added to them
      return { steps: [createLateCall(index)], write: () => [] };
    }
    if (part !== undefined) call.text.push(part);
    const steps = call.text.isTooLong ? this.#takeUnjudged(call) : [];
    return { steps, write: (findRefusal) => this.#writeDelta(event, call, findRefusal) };
  }

  #stop(event: JsonObject): EventReading {
    const call = this.#blocks.get(event.getIndex('index') ?? 0);
    const isWithoutStart = call?.names.length === 0;
    return {
      steps: call ? this.#takeUnjudged(call) : [],
      write: (findRefusal) => (isWithoutStart ? this.#writeDelta(event, call, findRefusal) : this.#renumber(event)),
    };
  }

  /** Begins a call for pieces without a start event. */
  #beginWithoutStart(index: number): StreamedBlock {
    const call = new StreamedBlock(new JsonObject(), `/content/${index}`);
    this.#blocks.set(index, call);
    this.#calls.push(call);
    return call;
  }

  #takeUnjudged(call: StreamedBlock): ToolStep[] {
    if (call.isJudged) return [];
    call.isJudged = true;
    return [call];
  }

  #isRefused(id: string | undefined, findRefusal: FindRefusal): boolean {
    return (
      id !== undefined && this.#calls.some((call) => call.block.getText('id') === id && findRefusal(call) !== null)
    );
  }

  #writeStart(event: JsonObject, index: number, call: StreamedBlock, findRefusal: FindRefusal): JsonObject[] | null {
    const text = findRefusal(call);
    if (text === null) return this.#renumber(event);
    event.set('content_block', createTextBlock(''));
    const delta = { type: 'content_block_delta', index: this.#shiftIndex(index), delta: { type: 'text_delta', text } };
    return [...(this.#renumber(event) ?? [event]), toJsonObject(delta)];
  }

  #writeDelta(event: JsonObject, call: StreamedBlock, findRefusal: FindRefusal): JsonObject[] | null {
    return findRefusal(call) === null ? this.#renumber(event) : [];
  }

  /** Drops an event of a removed block. */
  #drop(index: number): JsonObject[] {
    this.#dropped.add(index);
    return [];
  }

  /** Renumbers an event to the remaining index of its block; returns null if it is unchanged. */
  #renumber(event: JsonObject): JsonObject[] | null {
    const index = event.getIndex('index');
    if (index === undefined || this.#dropped.size === 0) return null;
    if (this.#dropped.has(index)) return [];
    event.set('index', toJsonNode(this.#shiftIndex(index)));
    return [event];
  }

  #shiftIndex(index: number): number {
    return index - [...this.#dropped].filter((dropped) => dropped < index).length;
  }

  #writeEnd(event: JsonObject, findRefusal: FindRefusal): JsonObject[] | null {
    const delta = event.getObject('delta');
    const refused = this.#calls.filter((call) => findRefusal(call) !== null);
    if (!delta || refused.length === 0) return null;
    const hasCalls = this.#calls.some((call) => isClientCall(call.block) && findRefusal(call) === null);
    if (!hasCalls) endWithoutCalls(delta);
    return [event];
  }
}

/** Piece that arrives after the end of its call: readers differ in which call they add it to. */
const createLateCall = (index: number): ToolCall => ({
  kind: 'call',
  names: [],
  pointer: `/content/${index}`,
  input: { kind: 'fault', fault: 'split' },
  isExecuted: false,
});

/** Reads the first message, in which some servers already send content. */
function readMessageStart(event: JsonObject): EventReading {
  const message = event.getObject('message');
  const blocks = message && new ContentBlocks(message);
  return {
    steps: blocks?.steps ?? [],
    write: (findRefusal) => (blocks?.refuse(findRefusal) ? [event] : null),
  };
}
