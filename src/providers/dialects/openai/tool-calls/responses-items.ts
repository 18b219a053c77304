/** Items of Responses (OpenAI API reference, "responses/object") that are tool calls or their results. */
import { createHash } from 'node:crypto';
import { JsonObject, toJsonObject } from '../../../json/tree.js';
import { readInput, readNames } from './chat-calls.js';
import { listKindNames, listQualifiedNames } from '../../tool-calls/kinds.js';
import type { CallInput, ToolCall } from '../../tool-calls/grammar.js';
import { REFUSAL_ID } from './refusal-references.js';

/** Items that are not calls. Every other type is treated as a call. */
const NO_CALLS: ReadonlySet<string> = new Set([
  ...['message', 'reasoning', 'compaction', 'compaction_summary', 'compaction_trigger', 'context_compaction'],
  ...['item_reference', 'mcp_list_tools', 'mcp_approval_response', 'additional_tools'],
]);

/** Types of calls that the vendor's clients run. */
const RUN_BY_CLIENT: ReadonlySet<string> = new Set([
  ...['function_call', 'custom_tool_call', 'computer_call', 'local_shell_call', 'apply_patch_call'],
  'mcp_approval_request',
]);

/** Other names under which such tools are offered. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  web_search: ['web_search_preview'],
  computer: ['computer_use_preview', 'computer_use'],
  program: ['programmatic_tool_calling'],
};

/** Members of an item that do not describe the action of its call. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  ...['id', 'type', 'status', 'call_id', 'caller', 'created_by', 'fingerprint', 'error'],
  ...['output', 'outputs', 'result', 'results'],
]);

const readType = (item: JsonObject): string => item.getText('type') ?? (item.has('role') ? 'message' : '');

export const isResultItem = (item: JsonObject): boolean => readType(item).endsWith('_output');

export const isCallItem = (item: JsonObject): boolean => !isResultItem(item) && !NO_CALLS.has(readType(item));

/** Whether the vendor executes the call: the item includes its result. */
export const isExecutedItem = (item: JsonObject): boolean => {
  const type = readType(item);
  if (type === 'shell_call') return item.getObject('environment')?.getText('type')?.startsWith('container') ?? false;
  if (type === 'tool_search_call') return item.getText('execution') !== 'client';
  return !RUN_BY_CLIENT.has(type);
};

/** Returns the names of an item's tool; empty if it has none. */
export function readItemNames(item: JsonObject): string[] {
  const type = readType(item);
  const own = readNames(item);
  if (type.startsWith('mcp_')) return own.flatMap((name) => listQualifiedNames(name, item.getText('server_label')));
  if (type === 'function_call' || type === 'custom_tool_call')
    return own.flatMap((name) => listQualifiedNames(name, item.getText('namespace')));
  const kind = type.replace(/_call$/, '');
  return kind === '' ? own : [...own, ...listKindNames(kind), ...(OTHER_NAMES[kind] ?? [])];
}

/** Returns the member that holds the arguments as a text; null if the item itself is the arguments. */
export function findInputMember(item: JsonObject): 'arguments' | 'input' | 'code' | null {
  const type = readType(item);
  if (type === 'custom_tool_call') return 'input';
  if (type === 'code_interpreter_call') return 'code';
  return type === 'function_call' || type.startsWith('mcp_') ? 'arguments' : null;
}

export function readItemInput(item: JsonObject): CallInput {
  const member = findInputMember(item);
  if (member === 'arguments') return readInput(item, member);
  if (member === 'input') return { kind: 'text', text: item.getText('input') ?? '' };
  return { kind: 'tree', value: new JsonObject(item.members.filter(({ name }) => !BOOKKEEPING.has(name))) };
}

export const toToolCall = (item: JsonObject, pointer: string): ToolCall => ({
  kind: 'call',
  names: readItemNames(item),
  pointer,
  input: readItemInput(item),
  isExecuted: isExecutedItem(item),
});

/** Returns the message that replaces a refused call; its id is derived from the item's. */
export function createRefusalMessage(item: JsonObject, text: string): JsonObject {
  const digest = createHash('sha256').update(item.getText('id') ?? item.getText('call_id') ?? text);
  return toJsonObject({
    id: REFUSAL_ID + digest.digest('hex').slice(0, 32),
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [] }],
  });
}
