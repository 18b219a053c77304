/** Tool calls in streamed Responses ("responses-streaming"): an item is complete with `response.output_item.done`. */
import { JsonLeaf, JsonObject, writeJsonTree } from '../../../json/tree.js';
import { OutputItems } from './responses-calls.js';
import { isCallItem, isResultItem } from './responses-items.js';
import { StreamedItem } from './responses-streamed-item.js';
import { ResponsesEventWriter } from './responses-event-writer.js';
import type { CallStream, EventReading, RefusalOf, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

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
    const type = event.text('type') ?? '';
    const response = event.object('response');
    if (response) return this.#readResponse(event, response);
    const position = this.#positionOf(event);
    const item = event.object('item');
    const steps: ToolStep[] = [];
    if (position === null) return { steps, write: () => this.#writer.plain(event) };
    if (type === ADDED && item && isCallItem(item)) this.#begin(position, item);
    else if (type === DONE && item) steps.push(...this.#complete(position, item));
    else if (CALL_DELTA.test(type)) steps.push(...this.#take(position, event));
    else if (CALL_DONE.test(type)) this.#takeWhole(position, event);
    const call = this.#items.get(position);
    const callId = item && isResultItem(item) ? item.text('call_id') : undefined;
    return { steps, write: (refusalOf) => this.#write(event, position, { call, callId, refusalOf }) };
  }

  end(): ToolStep[] {
    return [...this.#items.values()].flatMap((item) => this.#judged(item));
  }

  /** Returns the position of an event's item, by its index or by the item's id: some servers omit one of them. */
  #positionOf(event: JsonObject): number | null {
    const id = event.text('item_id') ?? event.object('item')?.text('id');
    const position = event.index('output_index') ?? (id === undefined ? undefined : this.#positions.get(id));
    if (position === undefined) {
      if (!/_call|output_item/.test(event.text('type') ?? '')) return null;
      return this.#items.size === 0 ? 0 : Math.max(...this.#items.keys()) + 1;
    }
    if (id !== undefined) this.#positions.set(id, position);
    return position;
  }

  #begin(position: number, item: JsonObject | null): StreamedItem {
    const present = this.#items.get(position);
    const begun = new StreamedItem(`/output/${position}`, item);
    // a second item at the same position: clients differ in which of them they use
    if (present) begun.fail();
    this.#items.set(position, begun);
    return begun;
  }

  /**
   * Returns the call that pieces belong to. Judged calls have been sent to the client: nothing more may be added to
   * them.
   */
  #openAt(position: number): StreamedItem {
    const call = this.#items.get(position);
    return call && (!call.isJudged || call.deltas.isTooLong) ? call : this.#begin(position, null);
  }

  #take(position: number, event: JsonObject): ToolStep[] {
    const call = this.#openAt(position);
    const part = event.get('delta');
    if (part instanceof JsonLeaf && part.text !== null) call.deltas.push(part.text);
    else if (part !== undefined) call.deltas.push(writeJsonTree(part));
    return call.deltas.isTooLong ? this.#judged(call) : [];
  }

  #takeWhole(position: number, event: JsonObject): void {
    const call = this.#openAt(position);
    for (const member of TEXTS) {
      const text = event.text(member);
      if (text !== undefined) call.hear(text);
    }
  }

  #complete(position: number, item: JsonObject): ToolStep[] {
    if (isResultItem(item)) return [{ kind: 'result', names: this.#names.get(item.text('call_id') ?? '') ?? [] }];
    const present = this.#items.get(position);
    if (!isCallItem(item)) {
      // not a call after all, or another item replaced the call
      present?.fail();
      return present ? this.#judged(present) : [];
    }
    const call = present ? this.#openAt(position) : this.#begin(position, item);
    call.become(item);
    return this.#judged(call);
  }

  #judged(call: StreamedItem): ToolStep[] {
    if (call.isJudged) return [];
    call.isJudged = true;
    if (call.item === null) call.fail();
    const id = call.item?.text('call_id');
    if (id !== undefined) this.#names.set(id, this.#names.has(id) ? [] : call.names);
    return call.isExecuted ? [call, { kind: 'result', names: call.names }] : [call];
  }

  /** Reads events that repeat the response. A call that equals the judged one is not judged again. */
  #readResponse(event: JsonObject, response: JsonObject): EventReading {
    const isOver = /\.(?:completed|incomplete|failed|cancelled)$/.test(event.text('type') ?? '');
    const steps: ToolStep[] = [];
    const list = new OutputItems(response, (item, position) => this.#known(item, position, steps));
    steps.push(...list.steps);
    if (isOver) for (const item of this.#items.values()) steps.push(...this.#judged(item));
    return {
      steps,
      write: (refusalOf) => {
        const isChanged = list.refuse(refusalOf);
        return this.#writer.plain(event, isChanged);
      },
    };
  }

  #known(item: JsonObject, position: number, steps: ToolStep[]): ToolCall | null {
    const call = [...this.#items.values()].find((one) => one.isOf(item)) ?? this.#items.get(position);
    if (!call) return null;
    if (!call.isJudged) {
      call.become(item);
      steps.push(...this.#judged(call));
    }
    return call.isLike(item) ? call : null;
  }

  #write(
    event: JsonObject,
    position: number,
    { call, callId, refusalOf }: { call?: StreamedItem; callId?: string; refusalOf: RefusalOf },
  ): readonly JsonObject[] | null {
    const refusal = call ? refusalOf(call) : null;
    if (refusal !== null) return this.#writer.refused(event, position, call!, refusal);
    const isOfRefused = [...this.#items.values()].some(
      (one) => callId !== undefined && one.item?.text('call_id') === callId && refusalOf(one) !== null,
    );
    return isOfRefused ? this.#writer.dropped(position) : this.#writer.plain(event);
  }
}
