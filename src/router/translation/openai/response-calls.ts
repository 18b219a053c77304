/** Tool calls of servers that speak OpenAI's Chat, each in its own way, as OpenAI has them. */
import { jsonTextOf } from '../../../providers/exact-json.js';
import { isObject } from '../chat/body-shape.js';
import type { JsonObject, ToolCall } from '../chat.js';

/** The members of a call, or of a piece of one. */
export interface CallPiece {
  /** Null: no id, or one that says nothing. */
  id: string | null;
  /** Empty: none. */
  name: string;
  /** JSON text, or a piece of it; empty: none. */
  args: string;
  extra: ToolCall['extra_content'];
}

/** Alibaba repeats an empty id in later pieces, Mistral the word. */
const NO_IDS: ReadonlySet<unknown> = new Set(['', 'null', 'None', null, undefined]);

export function callPiece(call: JsonObject): CallPiece {
  const custom = call['custom'];
  // some servers leave one level out
  const called = isObject(call['function']) ? call['function'] : isObject(custom) ? custom : call;
  const { id, extra_content: extra } = call;
  const { name, input } = called;
  const args = custom === called ? JSON.stringify({ input: input ?? '' }) : argumentsText(called['arguments']);
  return {
    id: NO_IDS.has(id) ? null : typeof id === 'string' ? id : jsonTextOf(id),
    name: typeof name === 'string' ? name : '',
    args,
    extra: isObject(extra) ? extra : undefined,
  };
}

/** The calls of a whole message. A call without an id has an empty one. */
export function callsOf({ tool_calls: calls, function_call: old }: JsonObject): ToolCall[] {
  const list = Array.isArray(calls) ? (calls as unknown[]) : isObject(calls) ? [calls] : [];
  const made = list.filter(isObject).map((call) => toolCall(callPiece(call)));
  // what `tool_calls` has taken the place of; empty where a server always sends it
  if (made.length === 0 && isObject(old) && old['name']) made.push(toolCall(callPiece(old)));
  return made;
}

function toolCall({ id, name, args, extra }: CallPiece): ToolCall {
  return {
    id: id ?? '',
    type: 'function',
    function: { name, arguments: hasNone(args) ? '{}' : args },
    ...(extra && { extra_content: extra }),
  };
}

/** A tool without parameters is called with nothing, or with null. */
export const hasNone = (args: string): boolean => args.trim() === '' || args.trim() === 'null';

/** Text as a rule; Ollama, and servers that go through other vendors' libraries, send the object itself. */
function argumentsText(args: unknown): string {
  if (typeof args === 'string') return args;
  return args === null || args === undefined ? '' : jsonTextOf(args);
}
