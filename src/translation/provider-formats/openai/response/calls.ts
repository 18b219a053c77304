/** Converts tool calls of servers that speak OpenAI's Chat, each with its deviations, to OpenAI's form. */
import { getJsonText } from '../../../../providers/json/exact.js';
import { isObject } from '../../../pivot/body-shape.js';
import type { JsonObject, ToolCall } from '../../../pivot/chat.js';

/** The members of a call, or of a piece of one. */
export interface CallDelta {
  /** Null: the id is absent, or a placeholder. */
  id: string | null;
  /** Empty: none. */
  name: string;
  /** JSON text, or a piece of it; empty: none. */
  args: string;
  extra: ToolCall['extra_content'];
}

/** Placeholder ids: Alibaba repeats an empty id in later pieces, Mistral sends "null". */
const NO_IDS: ReadonlySet<unknown> = new Set(['', 'null', 'None', null, undefined]);

export function readCallDelta(call: JsonObject): CallDelta {
  const custom = call['custom'];
  // some servers leave one level out
  const called = isObject(call['function']) ? call['function'] : isObject(custom) ? custom : call;
  const { id, extra_content: extra } = call;
  const { name, input } = called;
  const args = custom === called ? JSON.stringify({ input: input ?? '' }) : toArgumentsText(called['arguments']);
  return {
    id: NO_IDS.has(id) ? null : typeof id === 'string' ? id : getJsonText(id),
    name: typeof name === 'string' ? name : '',
    args,
    extra: isObject(extra) ? extra : undefined,
  };
}

/** Returns the calls of a whole message. A call without an id gets an empty one. */
export function readCalls({ tool_calls: calls, function_call: legacy }: JsonObject): ToolCall[] {
  const list = Array.isArray(calls) ? (calls as unknown[]) : isObject(calls) ? [calls] : [];
  const toolCalls = list.filter(isObject).map((call) => toToolCall(readCallDelta(call)));
  // `function_call` is the predecessor of `tool_calls`; some servers always send it, empty
  if (toolCalls.length === 0 && isObject(legacy) && legacy['name']) toolCalls.push(toToolCall(readCallDelta(legacy)));
  return toolCalls;
}

function toToolCall({ id, name, args, extra }: CallDelta): ToolCall {
  return {
    id: id ?? '',
    type: 'function',
    function: { name, arguments: hasNoArguments(args) ? '{}' : args },
    ...(extra && { extra_content: extra }),
  };
}

/** Whether a call has no arguments: servers send nothing, or null, for a tool without parameters. */
export const hasNoArguments = (args: string): boolean => args.trim() === '' || args.trim() === 'null';

/** Arguments are usually text; Ollama, and servers built on other vendors' libraries, send an object. */
function toArgumentsText(args: unknown): string {
  if (typeof args === 'string') return args;
  return args === null || args === undefined ? '' : getJsonText(args);
}
