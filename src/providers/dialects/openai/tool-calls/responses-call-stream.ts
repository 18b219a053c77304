/** Tool calls in streamed Responses ("responses-streaming"): an item is complete with `response.output_item.done`. */
import { JsonLeaf, JsonObject, writeJsonTree } from '../../../json/tree.js';
import { OutputItems } from './responses-calls.js';
import { isCallItem, isResultItem } from './responses-items.js';
import { StreamedItem } from './responses-streamed-item.js';
import { ResponsesEventWriter } from './responses-event-writer.js';
import type { CallStream, EventReading, FindRefusal, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

const ADDED = 'response.output_item.added';
const DONE = 'response.output_item.done';
/**
 * Types of events with pieces of arguments: `response.function_call_arguments.delta`,
 * `response.custom_tool_call_input.delta` …
 */
const CALL_DELTA = /_call\w*(?:\.\w+)?\.delta$/;
const CALL_DONE = /_call_\w+\.done$|_call\.\w+\.done$/;
/** Members of such events that hold a piece, or all of the arguments. */
const TEXTS = ['arguments', 'input', 'code'] as const;

export class ResponsesCallStream implements CallStream {
  /** Items by their position in the output. */
  readonly #items = new Map<number, StreamedItem>();
  readonly #positions = new Map<string, number>();
  /** Call id → names, for results that are separate items. */
  readonly #names = new Map<string, readonly string[]>();
  readonly #writer = new ResponsesEventWriter();

  get isOpen(): boolean {
    for (const item of this.#items.values()) if (!item.isJudged) return true;
    return false;
  }

  read(event: JsonObject): EventReading {
    const type = event.getText('type') ?? '';
    const response = event.getObject('response');
    if (response) return this.#readResponse(event, response);
    const position = this.#findPosition(event);
    const item = event.getObject('item');
    const steps: ToolStep[] = [];
    if (position === null) return { steps, write: () => this.#writer.renumber(event) };
    if (type === ADDED && item && isCallItem(item)) this.#begin(position, item);
    else if (type === DONE && item) steps.push(...this.#complete(position, item));
    else if (CALL_DELTA.test(type)) steps.push(...this.#take(position, event));
    else if (CALL_DONE.test(type)) this.#takeWhole(position, event);
    const call = this.#items.get(position);
    const callId = item && isResultItem(item) ? item.getText('call_id') : undefined;
    return { steps, write: (findRefusal) => this.#write(event, position, { call, callId, refusalOf: findRefusal }) };
  }

  end(): ToolStep[] {
    return [...this.#items.values()].flatMap((item) => this.#takeUnjudged(item));
  }

  /** Returns the position of an event's item, by its index or by the item's id: some servers omit one of them. */
  #findPosition(event: JsonObject): number | null {
    const id = event.getText('item_id') ?? event.getObject('item')?.getText('id');
    const position = event.getIndex('output_index') ?? (id === undefined ? undefined : this.#positions.get(id));
    if (position === undefined) {
      if (!/_call|output_item/.test(event.getText('type') ?? '')) return null;
      return this.#items.size === 0 ? 0 : Math.max(...this.#items.keys()) + 1;
    }
    if (id !== undefined) this.#positions.set(id, position);
    return position;
  }

  #begin(position: number, item: JsonObject | null): StreamedItem {
    const present = this.#items.get(position);
    const started = new StreamedItem(`/output/${position}`, item);
    // a second item at the same position: clients differ in which of them they use
    if (present) started.fail();
    this.#items.set(position, started);
    return started;
  }

  /**
   * Returns the call that pieces belong to. Judged calls have been sent to the client: nothing more may be added to
   * them.
   */
  #getOpenCall(position: number): StreamedItem {
    const call = this.#items.get(position);
    return call && (!call.isJudged || call.deltas.isTooLong) ? call : this.#begin(position, null);
  }

  #take(position: number, event: JsonObject): ToolStep[] {
    const call = this.#getOpenCall(position);
    const part = event.get('delta');
    if (part instanceof JsonLeaf && part.text !== null) call.deltas.push(part.text);
    else if (part !== undefined) call.deltas.push(writeJsonTree(part));
    return call.deltas.isTooLong ? this.#takeUnjudged(call) : [];
  }

  #takeWhole(position: number, event: JsonObject): void {
    const call = this.#getOpenCall(position);
    for (const member of TEXTS) {
      const text = event.getText(member);
      if (text !== undefined) call.addStatedText(text);
    }
  }

  #complete(position: number, item: JsonObject): ToolStep[] {
    if (isResultItem(item)) return [{ kind: 'result', names: this.#names.get(item.getText('call_id') ?? '') ?? [] }];
    const present = this.#items.get(position);
    if (!isCallItem(item)) {
      // not a call after all, or another item replaced the call
      present?.fail();
      return present ? this.#takeUnjudged(present) : [];
    }
    const call = present ? this.#getOpenCall(position) : this.#begin(position, item);
    call.setItem(item);
    return this.#takeUnjudged(call);
  }

  #takeUnjudged(call: StreamedItem): ToolStep[] {
    if (call.isJudged) return [];
    call.isJudged = true;
    if (call.item === null) call.fail();
    const id = call.item?.getText('call_id');
    if (id !== undefined) this.#names.set(id, this.#names.has(id) ? [] : call.names);
    return call.isExecuted ? [call, { kind: 'result', names: call.names }] : [call];
  }

  /** Reads events that repeat the response. A call that equals the judged one is not judged again. */
  #readResponse(event: JsonObject, response: JsonObject): EventReading {
    const isOver = /\.(?:completed|incomplete|failed|cancelled)$/.test(event.getText('type') ?? '');
    const steps: ToolStep[] = [];
    const list = new OutputItems(response, (item, position) => this.#findKnownCall(item, position, steps));
    steps.push(...list.steps);
    if (isOver) for (const item of this.#items.values()) steps.push(...this.#takeUnjudged(item));
    return {
      steps,
      write: (findRefusal) => {
        const isChanged = list.refuse(findRefusal);
        return this.#writer.renumber(event, isChanged);
      },
    };
  }

  #findKnownCall(item: JsonObject, position: number, steps: ToolStep[]): ToolCall | null {
    const call = [...this.#items.values()].find((one) => one.isOf(item)) ?? this.#items.get(position);
    if (!call) return null;
    if (!call.isJudged) {
      call.setItem(item);
      steps.push(...this.#takeUnjudged(call));
    }
    return call.isLike(item) ? call : null;
  }

  #write(
    event: JsonObject,
    position: number,
    { call, callId, refusalOf: findRefusal }: { call?: StreamedItem; callId?: string; refusalOf: FindRefusal },
  ): readonly JsonObject[] | null {
    const refusal = call ? findRefusal(call) : null;
    if (refusal !== null) return this.#writer.writeRefusal(event, position, call!, refusal);
    const isOfRefused = [...this.#items.values()].some(
      (one) => callId !== undefined && one.item?.getText('call_id') === callId && findRefusal(one) !== null,
    );
    return isOfRefused ? this.#writer.drop(position) : this.#writer.renumber(event);
  }
}
