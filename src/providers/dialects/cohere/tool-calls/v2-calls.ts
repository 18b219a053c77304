/** Tool calls in Cohere's chat, version 2 (docs.cohere.com, "chat" and "chat-stream"). */
import { JsonFault } from '../../../json/text.js';
import { JsonArray, JsonObject, toJsonNode, toJsonObject } from '../../../json/tree.js';
import { MessageCalls } from '../../openai/tool-calls/chat-calls.js';
import { DeltaCall } from '../../openai/tool-calls/chat-delta-calls.js';
import type { ResponseReading, CallStream, EventReading, RefusalOf, ToolStep } from '../../tool-calls/grammar.js';

const CALLS = 'TOOL_CALL';
const COMPLETE = 'COMPLETE';

export function readCohereResponse(document: JsonObject): ResponseReading {
  const message = document.object('message');
  const calls = message && new MessageCalls(message, '/message');
  return {
    steps: calls?.steps ?? [],
    refuse(refusalOf) {
      if (!message || !calls) return;
      const { texts, hasCalls } = calls.remove(refusalOf);
      if (texts.length === 0) return;
      const parts = texts.map((text) => toJsonNode({ type: 'text', text }));
      message.set('content', new JsonArray([...contentOf(message), ...parts]));
      if (!hasCalls) endWithoutCalls(document);
    },
  };
}

function contentOf(message: JsonObject): ReturnType<JsonObject['items']> {
  const text = message.text('content');
  return text ? [toJsonNode({ type: 'text', text })] : message.items('content');
}

function endWithoutCalls(holder: JsonObject): void {
  if (holder.text('finish_reason') === CALLS) holder.set('finish_reason', toJsonNode(COMPLETE));
}

const UNTOUCHED: EventReading = { steps: [], write: () => null };

/** Separate events begin, continue and end a call. */
export class CohereCallStream implements CallStream {
  readonly #calls: DeltaCall[] = [];
  readonly #byIndex = new Map<number, DeltaCall>();
  /** Number of the vendor's content blocks so far, and (`#inserted`) of blocks with refusals. */
  #contents = 0;
  #inserted = 0;
  readonly #shown = new Set<DeltaCall>();

  get isOpen(): boolean {
    return this.#calls.some((call) => !call.isJudged);
  }

  read(event: JsonObject): EventReading {
    const index = event.index('index') ?? 0;
    switch (event.text('type')) {
      case 'content-start':
      case 'content-delta':
      case 'content-end':
        return { steps: [], write: () => this.#content(event) };
      case 'tool-call-start':
        return this.#start(event, index);
      case 'tool-call-delta':
        return this.#delta(event, index);
      case 'tool-call-end':
        return this.#stop(event, index);
      case 'message-start':
        if ((event.object('delta')?.object('message')?.items('tool_calls').length ?? 0) === 0) return UNTOUCHED;
        throw new JsonFault('calls at the start of a message', 0);
      case 'message-end':
        return { steps: this.end(), write: (refusalOf) => this.#ended(event, refusalOf) };
      default:
        return UNTOUCHED;
    }
  }

  end(): ToolStep[] {
    return this.#calls.flatMap((call) => judged(call));
  }

  #start(event: JsonObject, index: number): EventReading {
    const before = this.#byIndex.get(index);
    const steps = before ? judged(before) : [];
    const called = calledIn(event);
    const call = this.#begin(index, called?.text('id') || undefined);
    if (before) call.fail();
    call.take(called?.object('function'), false);
    return { steps, write: (refusalOf) => this.#written(event, call, refusalOf) };
  }

  #delta(event: JsonObject, index: number): EventReading {
    const present = this.#byIndex.get(index);
    // judged calls have been sent to the client: nothing more may be added to them
    const isLate = present !== undefined && present.isJudged && !present.isTooLong;
    const call = present && !isLate ? present : this.#begin(index, undefined);
    if (isLate) call.fail();
    call.take(calledIn(event)?.object('function'), false);
    const steps = call.isTooLong ? judged(call) : [];
    return { steps, write: (refusalOf) => this.#written(event, call, refusalOf) };
  }

  #stop(event: JsonObject, index: number): EventReading {
    const call = this.#byIndex.get(index);
    return {
      steps: call ? judged(call) : [],
      write: (refusalOf) => (call ? this.#written(event, call, refusalOf) : null),
    };
  }

  #begin(index: number, id: string | undefined): DeltaCall {
    const call = new DeltaCall(`/message/tool_calls/${this.#calls.length}`, id);
    this.#byIndex.set(index, call);
    this.#calls.push(call);
    return call;
  }

  #written(event: JsonObject, call: DeltaCall, refusalOf: RefusalOf): JsonObject[] | null {
    const text = refusalOf(call);
    if (text === null) return this.#moved(event, call, refusalOf);
    if (this.#shown.has(call)) return [];
    this.#shown.add(call);
    const index = this.#contents + this.#inserted++;
    return [
      { type: 'content-start', index, delta: { message: { content: { type: 'text', text: '' } } } },
      { type: 'content-delta', index, delta: { message: { content: { text } } } },
      { type: 'content-end', index },
    ].map(toJsonObject);
  }

  /** Renumbers an event after removed calls; returns null if it is unchanged. */
  #moved(event: JsonObject, call: DeltaCall, refusalOf: RefusalOf): JsonObject[] | null {
    const before = this.#calls.slice(0, this.#calls.indexOf(call));
    const gone = before.filter((one) => refusalOf(one) !== null).length;
    const index = event.index('index');
    if (gone === 0 || index === undefined) return null;
    event.set('index', toJsonNode(index - gone));
    return [event];
  }

  #content(event: JsonObject): JsonObject[] | null {
    const index = event.index('index') ?? 0;
    this.#contents = Math.max(this.#contents, index + 1);
    if (this.#inserted === 0) return null;
    event.set('index', toJsonNode(index + this.#inserted));
    return [event];
  }

  #ended(event: JsonObject, refusalOf: RefusalOf): JsonObject[] | null {
    const delta = event.object('delta');
    if (!delta || !this.#calls.some((call) => refusalOf(call) !== null)) return null;
    if (this.#calls.every((call) => refusalOf(call) !== null)) endWithoutCalls(delta);
    return [event];
  }
}

function judged(call: DeltaCall): DeltaCall[] {
  if (call.isJudged) return [];
  call.isJudged = true;
  return [call];
}

/** Returns the call of an event. @throws JsonFault for a list of several: an event describes one call */
function calledIn(event: JsonObject): JsonObject | undefined {
  const message = event.object('delta')?.object('message');
  const listed = message?.items('tool_calls') ?? [];
  if (listed.length > 1) throw new JsonFault('several calls in one event', 0);
  const [one] = listed;
  return one instanceof JsonObject ? one : message?.object('tool_calls');
}
