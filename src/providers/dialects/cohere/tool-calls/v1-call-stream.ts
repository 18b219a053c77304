/**
 * Tool calls in streams of Cohere's chat, version 1: in pieces in `tool-calls-chunk`, whole in `tool-calls-generation`,
 * and repeated in the response that `stream-end` holds.
 */
import { JsonFault } from '../../../json/text.js';
import { parseJsonTree, toJsonNode, toJsonObject, writeJsonTree, type JsonObject } from '../../../json/tree.js';
import { DeltaCall } from '../../openai/tool-calls/chat-delta-calls.js';
import { readV1, readSearchResults, V1Calls } from './v1-calls.js';
import type { CallStream, EventReading, RefusalOf, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

const UNTOUCHED: EventReading = { steps: [], write: () => null };

export class CohereV1CallStream implements CallStream {
  /** Calls that began in pieces, in order. */
  readonly #partialCalls: DeltaCall[] = [];
  readonly #byIndex = new Map<number, DeltaCall>();
  /** Whole calls so far, keyed by their JSON. */
  #whole: ReadonlyMap<string, readonly ToolCall[]> = new Map();
  /** Pointers of calls for which the client has received a text instead. */
  readonly #shown = new Set<string>();
  #hasRefusalText = false;

  get isOpen(): boolean {
    return this.#partialCalls.some((call) => !call.isJudged);
  }

  read(event: JsonObject, hasText: boolean): EventReading {
    switch (event.text('event_type')) {
      case 'tool-calls-chunk':
        return this.#chunk(event, hasText);
      case 'tool-calls-generation':
        return this.#generated(event, hasText);
      case 'search-results':
        return { steps: readSearchResults(event), write: () => null };
      case 'stream-end':
        return this.#ended(event, hasText);
      default:
        return UNTOUCHED;
    }
  }

  end(): ToolStep[] {
    const complete = this.#partialCalls.flatMap((call) => judged(call));
    this.#whole = mergePartialCalls(this.#whole, complete);
    return complete;
  }

  #chunk(event: JsonObject, hasText: boolean): EventReading {
    const delta = event.object('tool_call_delta');
    const index = delta?.index('index');
    const isPartial = delta !== undefined && (delta.isSet('name') || delta.isSet('parameters') || index !== undefined);
    if (!isPartial) return UNTOUCHED;
    const call = this.#getPartialCall(index, delta.text('name') || undefined);
    call.take(delta, false, 'parameters');
    const steps = call.isTooLong ? judged(call) : [];
    return { steps, write: (refusalOf) => this.#writeChunk(event, delta, call, hasText, refusalOf) };
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
    refusalOf: RefusalOf,
  ): JsonObject[] | null {
    const refusal = refusalOf(call);
    if (refusal !== null) return this.#textOnce(call, refusal, hasText);
    const before = this.#partialCalls.slice(0, this.#partialCalls.indexOf(call));
    const gone = before.filter((one) => refusalOf(one) !== null).length;
    const index = delta.index('index');
    if (gone === 0 || index === undefined) return null;
    delta.set('index', toJsonNode(index - gone));
    return [event];
  }

  #generated(event: JsonObject, hasText: boolean): EventReading {
    const partialCalls = this.end();
    const calls = new V1Calls(this.#whole);
    calls.add(event, '', 'text');
    this.#whole = calls.byJson;
    return {
      steps: [...partialCalls, ...calls.found],
      write: (refusalOf) => {
        const text = event.get('text');
        if (!calls.refuse(refusalOf)) return null;
        const texts = this.#texts(calls, hasText, refusalOf);
        event.delete('text');
        if (text) event.set('text', text);
        return event.items('tool_calls').length > 0 ? [...texts, event] : texts;
      },
    };
  }

  #ended(event: JsonObject, hasText: boolean): EventReading {
    const partialCalls = this.end();
    const response = event.object('response');
    const calls = new V1Calls(this.#whole);
    const steps = response ? readV1(response, calls) : [];
    return {
      steps: [...partialCalls, ...steps],
      write: (refusalOf) => (calls.refuse(refusalOf) ? [...this.#texts(calls, hasText, refusalOf), event] : null),
    };
  }

  /** Returns the texts for refused calls that the client has not yet received. */
  #texts({ found }: V1Calls, hasText: boolean, refusalOf: RefusalOf): JsonObject[] {
    return found.flatMap((call) => {
      const refusal = refusalOf(call);
      return refusal === null ? [] : this.#textOnce(call, refusal, hasText);
    });
  }

  /** Returns the text for a refused call, the first time. */
  #textOnce(call: ToolCall, refusal: string, hasText: boolean): JsonObject[] {
    if (this.#shown.has(call.pointer)) return [];
    this.#shown.add(call.pointer);
    const isApart = hasText || this.#hasRefusalText;
    this.#hasRefusalText = true;
    const text = isApart ? `\n\n${refusal}` : refusal;
    return [toJsonObject({ is_finished: false, event_type: 'text-generation', text })];
  }
}

function judged(call: DeltaCall): DeltaCall[] {
  if (call.isJudged) return [];
  call.isJudged = true;
  return [call];
}

/**
 * Adds calls that came in pieces, keyed by the JSON that a list of whole calls has for them. Calls whose arguments are
 * not JSON are in no list.
 */
function mergePartialCalls(
  whole: ReadonlyMap<string, readonly ToolCall[]>,
  partialCalls: readonly DeltaCall[],
): ReadonlyMap<string, readonly ToolCall[]> {
  const byJson = new Map(whole);
  for (const call of partialCalls) {
    const json = jsonOf(call);
    if (json !== null) byJson.set(json, [...(byJson.get(json) ?? []), call]);
  }
  return byJson;
}

function jsonOf({ names: [name], input }: DeltaCall): string | null {
  if (input.kind !== 'json') return null;
  try {
    return writeJsonTree(toJsonObject({ name, parameters: parseJsonTree(input.text === '' ? '{}' : input.text) }));
  } catch (error) {
    if (error instanceof JsonFault) return null;
    throw error;
  }
}
