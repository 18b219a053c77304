/**
 * Tool calls in streams of Cohere's chat, version 1: in pieces in `tool-calls-chunk`, whole in `tool-calls-generation`,
 * and repeated in the response that `stream-end` holds.
 */
import { JsonFault } from '../../../json/text.js';
import { parseJsonTree, toJsonNode, toJsonObject, writeJsonTree, type JsonObject } from '../../../json/tree.js';
import { DeltaCall } from '../../openai/tool-calls/chat-delta-calls.js';
import { readV1, readSearchResults, V1Calls } from './v1-calls.js';
import type { CallStream, EventReading, FindRefusal, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

const UNTOUCHED: EventReading = { steps: [], write: () => null };

export class CohereV1CallStream implements CallStream {
  /** Calls that began in pieces, in order. */
  readonly #partialCalls: DeltaCall[] = [];
  readonly #byIndex = new Map<number, DeltaCall>();
  /** Whole calls so far, keyed by their JSON. */
  #wholeCalls: ReadonlyMap<string, readonly ToolCall[]> = new Map();
  /** Pointers of calls for which the client has received a text instead. */
  readonly #replacedPointers = new Set<string>();
  #hasRefusalText = false;

  get isOpen(): boolean {
    return this.#partialCalls.some((call) => !call.isJudged);
  }

  read(event: JsonObject, hasText: boolean): EventReading {
    switch (event.getText('event_type')) {
      case 'tool-calls-chunk':
        return this.#readChunk(event, hasText);
      case 'tool-calls-generation':
        return this.#readGeneration(event, hasText);
      case 'search-results':
        return { steps: readSearchResults(event), write: () => null };
      case 'stream-end':
        return this.#readEnd(event, hasText);
      default:
        return UNTOUCHED;
    }
  }

  end(): ToolStep[] {
    const complete = this.#partialCalls.flatMap((call) => takeUnjudged(call));
    this.#wholeCalls = mergePartialCalls(this.#wholeCalls, complete);
    return complete;
  }

  #readChunk(event: JsonObject, hasText: boolean): EventReading {
    const delta = event.getObject('tool_call_delta');
    const index = delta?.getIndex('index');
    const isPartial = delta !== undefined && (delta.isSet('name') || delta.isSet('parameters') || index !== undefined);
    if (!isPartial) return UNTOUCHED;
    const call = this.#getPartialCall(index, delta.getText('name') || undefined);
    call.take(delta, false, 'parameters');
    const steps = call.isTooLong ? takeUnjudged(call) : [];
    return { steps, write: (findRefusal) => this.#writeChunk(event, delta, call, hasText, findRefusal) };
  }

  /** Returns the call of a piece. A piece without an index continues the last call, or begins one if it has a name. */
  #getPartialCall(index: number | undefined, name: string | undefined): DeltaCall {
    const last = this.#partialCalls.at(-1);
    const present = index === undefined ? (name === undefined ? last : undefined) : this.#byIndex.get(index);
    // judged calls have been sent to the client: nothing more may be added to them
    const isLate = present !== undefined && present.isJudged && !present.isTooLong;
    if (present && !isLate) return present;
    const call = new DeltaCall(`/tool_calls/${this.#partialCalls.length}`, undefined);
    if (isLate) call.fail();
    this.#partialCalls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }

  #writeChunk(
    event: JsonObject,
    delta: JsonObject,
    call: DeltaCall,
    hasText: boolean,
    findRefusal: FindRefusal,
  ): JsonObject[] | null {
    const refusal = findRefusal(call);
    if (refusal !== null) return this.#writeRefusalOnce(call, refusal, hasText);
    const before = this.#partialCalls.slice(0, this.#partialCalls.indexOf(call));
    const removedCount = before.filter((one) => findRefusal(one) !== null).length;
    const index = delta.getIndex('index');
    if (removedCount === 0 || index === undefined) return null;
    delta.set('index', toJsonNode(index - removedCount));
    return [event];
  }

  #readGeneration(event: JsonObject, hasText: boolean): EventReading {
    const partialCalls = this.end();
    const calls = new V1Calls(this.#wholeCalls);
    calls.add(event, '', 'text');
    this.#wholeCalls = calls.byJson;
    return {
      steps: [...partialCalls, ...calls.found],
      write: (findRefusal) => {
        const text = event.get('text');
        if (!calls.refuse(findRefusal)) return null;
        const texts = this.#writeRefusals(calls, hasText, findRefusal);
        event.delete('text');
        if (text) event.set('text', text);
        return event.getItems('tool_calls').length > 0 ? [...texts, event] : texts;
      },
    };
  }

  #readEnd(event: JsonObject, hasText: boolean): EventReading {
    const partialCalls = this.end();
    const response = event.getObject('response');
    const calls = new V1Calls(this.#wholeCalls);
    const steps = response ? readV1(response, calls) : [];
    return {
      steps: [...partialCalls, ...steps],
      write: (findRefusal) =>
        calls.refuse(findRefusal) ? [...this.#writeRefusals(calls, hasText, findRefusal), event] : null,
    };
  }

  /** Returns the texts for refused calls that the client has not yet received. */
  #writeRefusals({ found }: V1Calls, hasText: boolean, findRefusal: FindRefusal): JsonObject[] {
    return found.flatMap((call) => {
      const refusal = findRefusal(call);
      return refusal === null ? [] : this.#writeRefusalOnce(call, refusal, hasText);
    });
  }

  /** Returns the text for a refused call, the first time. */
  #writeRefusalOnce(call: ToolCall, refusal: string, hasText: boolean): JsonObject[] {
    if (this.#replacedPointers.has(call.pointer)) return [];
    this.#replacedPointers.add(call.pointer);
    const isApart = hasText || this.#hasRefusalText;
    this.#hasRefusalText = true;
    const text = isApart ? `\n\n${refusal}` : refusal;
    return [toJsonObject({ is_finished: false, event_type: 'text-generation', text })];
  }
}

function takeUnjudged(call: DeltaCall): DeltaCall[] {
  if (call.isJudged) return [];
  call.isJudged = true;
  return [call];
}

/**
 * Adds calls that came in pieces, keyed by the JSON that a list of whole calls has for them. Calls whose arguments are
 * not JSON are in no list.
 */
function mergePartialCalls(
  wholeCalls: ReadonlyMap<string, readonly ToolCall[]>,
  partialCalls: readonly DeltaCall[],
): ReadonlyMap<string, readonly ToolCall[]> {
  const byJson = new Map(wholeCalls);
  for (const call of partialCalls) {
    const json = toCallJson(call);
    if (json !== null) byJson.set(json, [...(byJson.get(json) ?? []), call]);
  }
  return byJson;
}

function toCallJson({ names: [name], input }: DeltaCall): string | null {
  if (input.kind !== 'json') return null;
  try {
    return writeJsonTree(toJsonObject({ name, parameters: parseJsonTree(input.text === '' ? '{}' : input.text) }));
  } catch (error) {
    if (error instanceof JsonFault) return null;
    throw error;
  }
}
