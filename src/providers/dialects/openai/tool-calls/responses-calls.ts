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
import type { ResponseReading, FindRefusal, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

/** Returns the call that was already read from the same item; null if it is new. */
export type FindKnownCall = (item: JsonObject, position: number) => ToolCall | null;

export class OutputItems {
  readonly #calls = new Map<JsonNode, ToolCall>();
  readonly steps: readonly ToolStep[];

  /** `response`: the object that holds the list. */
  constructor(
    private readonly response: JsonObject,
    findKnownCall: FindKnownCall = () => null,
  ) {
    this.steps = response.getItems('output').flatMap((item, i) => this.#readSteps(item, i, findKnownCall));
  }

  /** Replaces refused calls. Returns whether anything was changed. */
  refuse(findRefusal: FindRefusal): boolean {
    const items = this.response.getItems('output');
    const refused = new Set(items.filter((item) => this.#findRefusal(item, findRefusal) !== null));
    if (refused.size === 0) return false;
    const refusedIds = new Set([...refused].map(readCallId));
    const remaining = items
      .filter((item) => !(item instanceof JsonObject && isResultItem(item) && refusedIds.has(readCallId(item))))
      .map((item) =>
        refused.has(item) ? createRefusalMessage(item as JsonObject, this.#findRefusal(item, findRefusal)!) : item,
      );
    this.response.set('output', new JsonArray(remaining));
    return true;
  }

  #findRefusal(item: JsonNode, findRefusal: FindRefusal): string | null {
    const call = this.#calls.get(item);
    return call ? findRefusal(call) : null;
  }

  #readSteps(item: JsonNode, position: number, findKnownCall: FindKnownCall): ToolStep[] {
    if (!(item instanceof JsonObject)) return [];
    if (isResultItem(item))
      return [{ kind: 'result', names: findNamesByCallId(this.response.getItems('output'), item) }];
    if (!isCallItem(item)) return [];
    const before = findKnownCall(item, position);
    const call = before ?? toToolCall(item, `/output/${position}`);
    this.#calls.set(item, call);
    if (before) return [];
    return isExecutedItem(item) ? [call, { kind: 'result', names: call.names }] : [call];
  }
}

const readCallId = (item: JsonNode): string | undefined =>
  item instanceof JsonObject ? (item.getText('call_id') ?? undefined) : undefined;

/** Returns the names of the tool whose result an item is, by its call among some items; empty if unknown. */
export function findNamesByCallId(items: readonly JsonNode[], result: JsonObject): readonly string[] {
  const id = readCallId(result);
  const calls = items.filter(
    (item): item is JsonObject => item instanceof JsonObject && isCallItem(item) && readCallId(item) === id,
  );
  return id === undefined || calls.length !== 1 ? [] : readItemNames(calls[0]!);
}

/** Reads a response, or a document that contains one. */
export function readResponsesResponse(document: JsonObject): ResponseReading {
  const response = document.getObject('response') ?? document;
  const items = new OutputItems(response);
  return { steps: items.steps, refuse: (findRefusal) => void items.refuse(findRefusal) };
}
