/** Tool calls in whole Responses: items of the list `output`. */
import { JsonArray, JsonObject, type JsonNode } from '../../../json/tree.js';
import {
  isCallItem,
  isExecutedItem,
  isResultItem,
  toToolCall,
  readItemNames,
  createRefusalMessage,
} from './responses-items.js';
import type { ResponseReading, RefusalOf, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

/** Returns the call that was already read from the same item; null if it is new. */
export type KnownCall = (item: JsonObject, position: number) => ToolCall | null;

export class OutputItems {
  readonly #calls = new Map<JsonNode, ToolCall>();
  readonly steps: readonly ToolStep[];

  /** `response`: the object that holds the list. */
  constructor(
    private readonly response: JsonObject,
    known: KnownCall = () => null,
  ) {
    this.steps = response.items('output').flatMap((item, i) => this.#stepsOf(item, i, known));
  }

  /** Replaces refused calls. Returns whether anything was changed. */
  refuse(refusalOf: RefusalOf): boolean {
    const items = this.response.items('output');
    const refused = new Set(items.filter((item) => this.#refusal(item, refusalOf) !== null));
    if (refused.size === 0) return false;
    const refusedIds = new Set([...refused].map(callIdOf));
    const kept = items
      .filter((item) => !(item instanceof JsonObject && isResultItem(item) && refusedIds.has(callIdOf(item))))
      .map((item) =>
        refused.has(item) ? createRefusalMessage(item as JsonObject, this.#refusal(item, refusalOf)!) : item,
      );
    this.response.set('output', new JsonArray(kept));
    return true;
  }

  #refusal(item: JsonNode, refusalOf: RefusalOf): string | null {
    const call = this.#calls.get(item);
    return call ? refusalOf(call) : null;
  }

  #stepsOf(item: JsonNode, position: number, known: KnownCall): ToolStep[] {
    if (!(item instanceof JsonObject)) return [];
    if (isResultItem(item)) return [{ kind: 'result', names: findNamesByCallId(this.response.items('output'), item) }];
    if (!isCallItem(item)) return [];
    const before = known(item, position);
    const call = before ?? toToolCall(item, `/output/${position}`);
    this.#calls.set(item, call);
    if (before) return [];
    return isExecutedItem(item) ? [call, { kind: 'result', names: call.names }] : [call];
  }
}

const callIdOf = (item: JsonNode): string | undefined =>
  item instanceof JsonObject ? (item.text('call_id') ?? undefined) : undefined;

/** Returns the names of the tool whose result an item is, by its call among some items; empty if unknown. */
export function findNamesByCallId(items: readonly JsonNode[], result: JsonObject): readonly string[] {
  const id = callIdOf(result);
  const calls = items.filter(
    (item): item is JsonObject => item instanceof JsonObject && isCallItem(item) && callIdOf(item) === id,
  );
  return id === undefined || calls.length !== 1 ? [] : readItemNames(calls[0]!);
}

/** Reads a response, or a document that contains one. */
export function readResponsesResponse(document: JsonObject): ResponseReading {
  const response = document.object('response') ?? document;
  const items = new OutputItems(response);
  return { steps: items.steps, refuse: (refusalOf) => void items.refuse(refusalOf) };
}
