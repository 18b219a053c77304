/**
 * Tool calls in whole responses of Cohere's chat, version 1 (docs.cohere.com/v1/reference/chat): the list `tool_calls`, which
 * the last message of `chat_history` repeats.
 */
import { JsonArray, JsonObject, listObjects, toJsonNode, writeJsonTree, type JsonNode } from '../../../json/tree.js';
import { readInput, readList, readNames } from '../../openai/tool-calls/chat-calls.js';
import type { ResponseReading, FindRefusal, ToolCall, ToolResult, ToolStep } from '../../tool-calls/grammar.js';

interface ListedCall {
  readonly entry: JsonNode;
  readonly call: ToolCall;
}

/** Calls of a response or of an event. Equal calls in several lists are one call. */
export class V1Calls {
  /** Calls that are not among the known ones. */
  readonly found: ToolCall[] = [];
  readonly #lists: { holder: JsonObject; textMember: string; listed: ListedCall[] }[] = [];
  readonly #unused: Map<string, ToolCall[]>;

  /** `known`: calls found earlier, keyed by their JSON. */
  constructor(private readonly known: ReadonlyMap<string, readonly ToolCall[]> = new Map()) {
    this.#unused = copyCalls(known);
  }

  /** Reads the list of an object. @throws JsonFault for a member that is not a list */
  add(holder: JsonObject, pointer: string, textMember: string): void {
    const listed = readList(holder, 'tool_calls').map((entry, i) => {
      const json = writeJsonTree(entry);
      const call = this.#unused.get(json)?.shift() ?? this.#begin(entry, `${pointer}/tool_calls/${i}`);
      return { entry, call };
    });
    this.#lists.push({ holder, textMember, listed });
  }

  /** As `add`, for a list that may repeat calls that were already read. */
  addRepeated(holder: JsonObject, pointer: string, textMember: string): void {
    for (const [json, calls] of copyCalls(this.byJson)) this.#unused.set(json, calls);
    this.add(holder, pointer, textMember);
  }

  get byJson(): ReadonlyMap<string, readonly ToolCall[]> {
    const byJson = copyCalls(this.known);
    for (const { listed } of this.#lists)
      for (const { entry, call } of listed) {
        const json = writeJsonTree(entry);
        const calls = byJson.get(json) ?? [];
        if (!calls.includes(call)) byJson.set(json, [...calls, call]);
      }
    return byJson;
  }

  /** Replaces each refused call with a text. Returns whether any was removed. */
  refuse(findRefusal: FindRefusal): boolean {
    return this.#lists.map((list) => refuseIn(list, findRefusal)).includes(true);
  }

  #begin(entry: JsonNode, pointer: string): ToolCall {
    const call = toToolCall(entry, pointer);
    this.found.push(call);
    return call;
  }
}

function refuseIn(
  { holder, textMember, listed }: { holder: JsonObject; textMember: string; listed: readonly ListedCall[] },
  findRefusal: FindRefusal,
): boolean {
  const texts = listed.map(({ call }) => findRefusal(call)).filter((text) => text !== null);
  if (texts.length === 0) return false;
  const remaining = listed.filter(({ call }) => findRefusal(call) === null);
  if (remaining.length === 0) holder.delete('tool_calls');
  else holder.set('tool_calls', new JsonArray(remaining.map(({ entry }) => entry)));
  const text = [holder.getText(textMember) ?? '', ...texts].filter((one) => one !== '').join('\n\n');
  holder.set(textMember, toJsonNode(text));
  return true;
}

const copyCalls = (calls: ReadonlyMap<string, readonly ToolCall[]>): Map<string, ToolCall[]> =>
  new Map([...calls].map(([json, list]) => [json, [...list]]));

function toToolCall(entry: JsonNode, pointer: string): ToolCall {
  const object = entry instanceof JsonObject ? entry : undefined;
  const input = object ? readInput(object, 'parameters') : ({ kind: 'fault', fault: 'unreadable' } as const);
  return { kind: 'call', names: readNames(object), pointer, input, isExecuted: false };
}

/** Returns the results of connectors' searches in the response. */
export function readSearchResults(document: JsonObject): ToolResult[] {
  return listObjects(document.getItems('search_results')).map(([, result]) => {
    const id = result.getObject('connector')?.getText('id');
    return { kind: 'result', names: id ? [id] : [] };
  });
}

/** Reads the calls of a whole response: its own, and those of the turn that ends its `chat_history`. */
export function readV1(document: JsonObject, calls: V1Calls): ToolStep[] {
  calls.add(document, '', 'text');
  const history = listObjects(document.getItems('chat_history'));
  const last = history.at(-1);
  if (last?.[1].getText('role') === 'CHATBOT') calls.addRepeated(last[1], `/chat_history/${last[0]}`, 'message');
  return [...readSearchResults(document), ...calls.found];
}

export function readCohereV1Response(document: JsonObject): ResponseReading {
  const calls = new V1Calls();
  return { steps: readV1(document, calls), refuse: (findRefusal) => void calls.refuse(findRefusal) };
}
