/** Tool calls in whole Messages (Anthropic API reference, "messages"): blocks of the list `content`. */
import { JsonArray, JsonLeaf, JsonObject, toJsonNode, toJsonObject, type JsonNode } from '../../../json/tree.js';
import { readNames } from '../../openai/tool-calls/chat-calls.js';
import { listQualifiedNames } from '../../tool-calls/kinds.js';
import type { ResponseReading, CallInput, FindRefusal, ToolCall, ToolStep } from '../../tool-calls/grammar.js';

/** Whether the block is a call: `tool_use`, `server_tool_use`, `mcp_tool_use`. */
export const isCallBlock = (block: JsonObject): boolean => /tool_use$/.test(block.getText('type') ?? '');

/**
 * Whether the block is a result: `tool_result`, or of the vendor's own tools `web_search_tool_result`,
 * `mcp_tool_result` …
 */
export const isResultBlock = (block: JsonObject): boolean => /tool_result$/.test(block.getText('type') ?? '');

/** Whether the client runs the tool. */
export const isClientCall = (block: JsonObject): boolean => block.getText('type') === 'tool_use';

/**
 * Returns the names of a block's tool; empty if it has none. The tool `code_execution` calls `bash_code_execution` and
 * others.
 */
export function readBlockNames(block: JsonObject): string[] {
  const names = readNames(block).flatMap((name) => {
    const set = block.getText('server_name') ?? block.getText('toolset_name');
    const plain = isClientCall(block) ? [name] : [name, ...(/_code_execution$/.test(name) ? ['code_execution'] : [])];
    return [...new Set(plain.flatMap((one) => listQualifiedNames(one, set)))];
  });
  const toolset = block.getText('toolset_name');
  return toolset ? [...names, `${toolset}_toolset`] : names;
}

export function readBlockInput(block: JsonObject): CallInput {
  const value = block.get('input');
  return value === undefined ? { kind: 'json', text: '' } : { kind: 'tree', value };
}

/**
 * Returns the names of a result's tool by its call among some blocks, or by its type for the vendor's own tools; empty
 * if unknown.
 */
export function findResultNames(block: JsonObject, calls: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found = calls.get(block.getText('tool_use_id') ?? '');
  if (found) return found;
  const kind = /^(\w+)_tool_result$/.exec(block.getText('type') ?? '')?.[1];
  return kind === undefined || kind === 'mcp' ? [] : [kind];
}

/** Stop reasons after which the client waits for results: they change if its last call was removed. */
const WAITING: ReadonlySet<string> = new Set(['tool_use', 'pause_turn']);

export function endWithoutCalls(holder: JsonObject): void {
  if (WAITING.has(holder.getText('stop_reason') ?? '')) holder.set('stop_reason', toJsonNode('end_turn'));
}

export const createTextBlock = (text: string): JsonObject => toJsonObject({ type: 'text', text });

export class ContentBlocks {
  readonly #calls = new Map<JsonNode, ToolCall>();
  readonly steps: readonly ToolStep[];

  constructor(private readonly message: JsonObject) {
    const names = new Map<string, readonly string[]>();
    this.steps = message.getItems('content').flatMap((block, i): ToolStep[] => {
      if (!(block instanceof JsonObject)) return [];
      if (isResultBlock(block)) return [{ kind: 'result', names: findResultNames(block, names) }];
      if (!isCallBlock(block)) return [];
      const call = toToolCall(block, `/content/${i}`);
      names.set(block.getText('id') ?? '', call.names);
      this.#calls.set(block, call);
      return [call];
    });
  }

  /** Replaces refused calls. Returns whether anything was changed. */
  refuse(findRefusal: FindRefusal): boolean {
    const blocks = this.message.getItems('content');
    const findBlockRefusal = (block: JsonNode): string | null => {
      const call = this.#calls.get(block);
      return call ? findRefusal(call) : null;
    };
    const refused = blocks.filter((block): block is JsonObject => findBlockRefusal(block) !== null);
    if (refused.length === 0) return false;
    const ids = new Set(refused.map((block) => block.getText('id')));
    const remaining = blocks
      .filter(
        (block) => !(block instanceof JsonObject && isResultBlock(block) && ids.has(block.getText('tool_use_id'))),
      )
      .map((block) => {
        const text = findBlockRefusal(block);
        return text === null ? block : createTextBlock(text);
      });
    this.message.set('content', new JsonArray(remaining));
    if (!remaining.some((block) => block instanceof JsonObject && isClientCall(block))) endWithoutCalls(this.message);
    return true;
  }
}

export const toToolCall = (block: JsonObject, pointer: string): ToolCall => ({
  kind: 'call',
  names: readBlockNames(block),
  pointer,
  input: readBlockInput(block),
  isExecuted: !isClientCall(block),
});

export function readMessagesResponse(document: JsonObject): ResponseReading {
  const blocks = new ContentBlocks(document);
  return { steps: blocks.steps, refuse: (findRefusal) => void blocks.refuse(findRefusal) };
}

/** Whether the input of a call is empty at its start. */
export const isEmptyInput = (value: JsonNode | undefined): boolean =>
  value === undefined ||
  (value instanceof JsonLeaf && (value.isNull || value.text === '')) ||
  (value instanceof JsonObject && value.members.length === 0);
