/** Tool calls in Cohere's chat, version 2 (docs.cohere.com, "chat" and "chat-stream"). */
import { JsonFault } from '../../../json/text.js';
import { JsonArray, JsonObject, toJsonNode, toJsonObject } from '../../../json/tree.js';
import { MessageCalls } from '../../openai/tool-calls/chat-calls.js';
import { DeltaCall } from '../../openai/tool-calls/chat-delta-calls.js';
import type { ResponseReading, CallStream, EventReading, FindRefusal, ToolStep } from '../../tool-calls/grammar.js';

const CALLS = 'TOOL_CALL';
const COMPLETE = 'COMPLETE';

export function readCohereResponse(document: JsonObject): ResponseReading {
  const message = document.getObject('message');
  const calls = message && new MessageCalls(message, '/message');
  return {
    steps: calls?.steps ?? [],
    refuse(findRefusal) {
      if (!message || !calls) return;
      const { texts, hasCalls } = calls.remove(findRefusal);
      if (texts.length === 0) return;
      const parts = texts.map((text) => toJsonNode({ type: 'text', text }));
      message.set('content', new JsonArray([...readContent(message), ...parts]));
      if (!hasCalls) endWithoutCalls(document);
    },
  };
}

function readContent(message: JsonObject): ReturnType<JsonObject['getItems']> {
  const text = message.getText('content');
  return text ? [toJsonNode({ type: 'text', text })] : message.getItems('content');
}

function endWithoutCalls(holder: JsonObject): void {
  if (holder.getText('finish_reason') === CALLS) holder.set('finish_reason', toJsonNode(COMPLETE));
}

const UNTOUCHED: EventReading = { steps: [], write: () => null };

/** Separate events begin, continue and end a call. */
export class CohereCallStream implements CallStream {
  readonly #calls: DeltaCall[] = [];
  readonly #byIndex = new Map<number, DeltaCall>();
  /** Number of the vendor's content blocks so far, and (`#inserted`) of blocks with refusals. */
  #contentCount = 0;
  #insertedCount = 0;
  readonly #replacedCalls = new Set<DeltaCall>();

  get isOpen(): boolean {
    return this.#calls.some((call) => !call.isJudged);
  }

  read(event: JsonObject): EventReading {
    const index = event.getIndex('index') ?? 0;
    switch (event.getText('type')) {
      case 'content-start':
      case 'content-delta':
      case 'content-end':
        return { steps: [], write: () => this.#renumberContent(event) };
      case 'tool-call-start':
        return this.#start(event, index);
      case 'tool-call-delta':
        return this.#readDelta(event, index);
      case 'tool-call-end':
        return this.#stop(event, index);
      case 'message-start':
        if ((event.getObject('delta')?.getObject('message')?.getItems('tool_calls').length ?? 0) === 0)
          return UNTOUCHED;
        throw new JsonFault('calls at the start of a message', 0);
      case 'message-end':
        return { steps: this.end(), write: (findRefusal) => this.#writeEnd(event, findRefusal) };
      default:
        return UNTOUCHED;
    }
  }

  end(): ToolStep[] {
    return this.#calls.flatMap((call) => takeUnjudged(call));
  }

  #start(event: JsonObject, index: number): EventReading {
    const before = this.#byIndex.get(index);
    const steps = before ? takeUnjudged(before) : [];
    const called = findCall(event);
    const call = this.#begin(index, called?.getText('id') || undefined);
    if (before) call.fail();
    call.take(called?.getObject('function'), false);
    return { steps, write: (findRefusal) => this.#writeCall(event, call, findRefusal) };
  }

  #readDelta(event: JsonObject, index: number): EventReading {
    const present = this.#byIndex.get(index);
    // judged calls have been sent to the client: nothing more may be added to them
    const isLate = present !== undefined && present.isJudged && !present.isTooLong;
    const call = present && !isLate ? present : this.#begin(index, undefined);
    if (isLate) call.fail();
    call.take(findCall(event)?.getObject('function'), false);
    const steps = call.isTooLong ? takeUnjudged(call) : [];
    return { steps, write: (findRefusal) => this.#writeCall(event, call, findRefusal) };
  }

  #stop(event: JsonObject, index: number): EventReading {
    const call = this.#byIndex.get(index);
    return {
      steps: call ? takeUnjudged(call) : [],
      write: (findRefusal) => (call ? this.#writeCall(event, call, findRefusal) : null),
    };
  }

  #begin(index: number, id: string | undefined): DeltaCall {
    const call = new DeltaCall(`/message/tool_calls/${this.#calls.length}`, id);
    this.#byIndex.set(index, call);
    this.#calls.push(call);
    return call;
  }

  #writeCall(event: JsonObject, call: DeltaCall, findRefusal: FindRefusal): JsonObject[] | null {
    const text = findRefusal(call);
    if (text === null) return this.#renumber(event, call, findRefusal);
    if (this.#replacedCalls.has(call)) return [];
    this.#replacedCalls.add(call);
    const index = this.#contentCount + this.#insertedCount++;
    return [
      { type: 'content-start', index, delta: { message: { content: { type: 'text', text: '' } } } },
      { type: 'content-delta', index, delta: { message: { content: { text } } } },
      { type: 'content-end', index },
    ].map(toJsonObject);
  }

  /** Renumbers an event after removed calls; returns null if it is unchanged. */
  #renumber(event: JsonObject, call: DeltaCall, findRefusal: FindRefusal): JsonObject[] | null {
    const before = this.#calls.slice(0, this.#calls.indexOf(call));
    const removedCount = before.filter((one) => findRefusal(one) !== null).length;
    const index = event.getIndex('index');
    if (removedCount === 0 || index === undefined) return null;
    event.set('index', toJsonNode(index - removedCount));
    return [event];
  }

  #renumberContent(event: JsonObject): JsonObject[] | null {
    const index = event.getIndex('index') ?? 0;
    this.#contentCount = Math.max(this.#contentCount, index + 1);
    if (this.#insertedCount === 0) return null;
    event.set('index', toJsonNode(index + this.#insertedCount));
    return [event];
  }

  #writeEnd(event: JsonObject, findRefusal: FindRefusal): JsonObject[] | null {
    const delta = event.getObject('delta');
    if (!delta || !this.#calls.some((call) => findRefusal(call) !== null)) return null;
    if (this.#calls.every((call) => findRefusal(call) !== null)) endWithoutCalls(delta);
    return [event];
  }
}

function takeUnjudged(call: DeltaCall): DeltaCall[] {
  if (call.isJudged) return [];
  call.isJudged = true;
  return [call];
}

/** Returns the call of an event. @throws JsonFault for a list of several: an event describes one call */
function findCall(event: JsonObject): JsonObject | undefined {
  const message = event.getObject('delta')?.getObject('message');
  const listed = message?.getItems('tool_calls') ?? [];
  if (listed.length > 1) throw new JsonFault('several calls in one event', 0);
  const [one] = listed;
  return one instanceof JsonObject ? one : message?.getObject('tool_calls');
}
