/** Converts `input` of a Responses request to Chat messages (OpenAI, API reference, Responses, "input item list"). */
import { getJsonText, writeJson } from '../../../../providers/json/exact.js';
import {
  readArray,
  createInvalidBodyError,
  isAbsent,
  isObject,
  readName,
  readObject,
  readString,
  createUnsupportedError,
} from '../../../pivot/body-shape.js';
import type { ChatMessage, JsonObject, ToolCall } from '../../../pivot/chat.js';
import { AssistantTurn, type Reasoning } from './assistant-turn.js';
import type { DroppedNames } from './dropped-members.js';
import { toAssistantContent, toSystemContent, toUserContent } from './input-content.js';
import { openReplay } from '../../../replay/responses-envelope.js';
import { toChatName, type ToolNames } from './tool-names.js';

/**
 * Items that hosted tools and Codex left behind (`ResponseItem` in github.com/openai/codex). Only OpenAI can read them,
 * and the messages contain the responses that resulted from them.
 */
const HOSTED = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'tool_search_call',
  'tool_search_output',
  'compaction',
  'compaction_summary',
  'context_compaction',
  'ghost_snapshot',
  'compaction_trigger',
  'program',
  'program_output',
]);

/** Calls of built-in tools that the client itself ran, with the member that describes the action. */
const LOCAL_CALLS: Readonly<Record<string, string>> = {
  local_shell_call: 'action',
  shell_call: 'action',
  apply_patch_call: 'operation',
};

const OUTPUTS: ReadonlySet<unknown> = new Set(['function_call_output', 'custom_tool_call_output']);

/** Members of items that are read, or that mean nothing to another vendor: `id`, `status` and `created_by`. */
const KNOWN: ReadonlySet<string> = new Set(
  `type id status created_by role content call_id name namespace arguments input output summary encrypted_content
   action operation phase tools`.split(/\s+/),
);

export function readInput(input: unknown, names: ToolNames, dropped: DroppedNames): ChatMessage[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if (!Array.isArray(input)) throw createInvalidBodyError('input', 'a string or an array of items');
  const reader = new InputReader(names, dropped, findCompletedCalls(input));
  for (const [i, item] of input.entries()) reader.readItem(readObject(item, `input[${i}]`), `input[${i}]`);
  return reader.end();
}

class InputReader {
  readonly #messages: ChatMessage[] = [];
  #turn: AssistantTurn | null = null;
  /** Reasoning whose message has not come yet. */
  #pendingReasoning: Reasoning[] = [];
  readonly #calls: ToolCall[] = [];
  readonly #extraContents = new Map<string, JsonObject>();

  /** `completedCallIds`: ids of the calls whose outputs are among the items. */
  constructor(
    private readonly names: ToolNames,
    private readonly dropped: DroppedNames,
    private readonly completedCallIds: ReadonlySet<unknown>,
  ) {}

  readItem(item: JsonObject, path: string): void {
    const type = item['type'] ?? (isAbsent(item['role']) ? undefined : 'message');
    if (typeof type !== 'string') throw createInvalidBodyError(`${path}.type`, 'the kind of the item');
    if (!HOSTED.has(type))
      for (const name in item) if (!KNOWN.has(name)) this.dropped.note(`input.${name}`, item[name]);
    switch (type) {
      case 'message':
        return this.#readMessage(item, path);
      case 'reasoning':
        return this.#readReasoning(item);
      case 'function_call':
        return this.#addCall(item, path, this.#readFunctionCall(item, path));
      case 'custom_tool_call':
        return this.#addCall(item, path, this.#readCustomCall(item, path));
      case 'function_call_output':
      case 'custom_tool_call_output':
        return this.#addOutput(item['call_id'], item['output'], path);
      default:
        return this.#readOther(type, item, path);
    }
  }

  end(): ChatMessage[] {
    this.#closeTurn();
    for (const call of this.#calls) {
      const extra = this.#extraContents.get(call.id);
      if (extra) call.extra_content = extra;
    }
    return this.#messages;
  }

  #readMessage(item: JsonObject, path: string): void {
    this.dropped.note('input.phase', item['phase']);
    const at = `${path}.content`;
    switch (item['role']) {
      case 'user':
        return this.#push({ role: 'user', content: toUserContent(item['content'], at, this.dropped) });
      case 'system':
      case 'developer':
        return this.#push({ role: item['role'], content: toSystemContent(item['content'], at, this.dropped) });
      case 'assistant': {
        // while calls are open, it is the same response: their outputs must come right after it
        if (this.#turn?.hasContent && !this.#turn.hasCalls) this.#startTurn();
        const turn = (this.#turn ??= new AssistantTurn());
        this.#attachReasoning(turn);
        return turn.addContent(toAssistantContent(item['content'], at, this.dropped));
      }
      default:
        throw createInvalidBodyError(`${path}.role`, '"user", "assistant", "system" or "developer"');
    }
  }

  #readReasoning(item: JsonObject): void {
    const replay = openReplay(item['encrypted_content']);
    if (!replay) return this.dropped.add('input.reasoning');
    for (const [callId, extra] of replay.calls) this.#extraContents.set(callId, extra);
    const summary = Array.isArray(item['summary']) ? (item['summary'] as unknown[]) : [];
    const text = summary
      .map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
      .join('');
    if (text !== '' || replay.details.length > 0) this.#pendingReasoning.push({ text, replay });
  }

  #addCall(item: JsonObject, path: string, called: ToolCall['function']): void {
    const turn = (this.#turn ??= new AssistantTurn());
    this.#attachReasoning(turn);
    const call: ToolCall = { id: readName(item['call_id'], `${path}.call_id`), type: 'function', function: called };
    turn.addCall(call);
    this.#calls.push(call);
  }

  #readFunctionCall(item: JsonObject, path: string): ToolCall['function'] {
    const name = toChatName(readName(item['name'], `${path}.name`), readNamespace(item));
    const text = readString(item['arguments'] ?? '', `${path}.arguments`);
    return { name, arguments: this.names.isCustom(name) ? wrapCustomInput(text) : text };
  }

  #readCustomCall(item: JsonObject, path: string): ToolCall['function'] {
    const name = toChatName(readName(item['name'], `${path}.name`), readNamespace(item));
    return { name, arguments: JSON.stringify({ input: readString(item['input'] ?? '', `${path}.input`) }) };
  }

  #addOutput(callId: unknown, output: unknown, path: string): void {
    const content = toUserContent(output, `${path}.output`, this.dropped);
    this.#push({ role: 'tool', tool_call_id: readName(callId, `${path}.call_id`), content });
  }

  #readOther(type: string, item: JsonObject, path: string): void {
    // `readAllTools` has read them already
    if (type === 'additional_tools') return;
    if (HOSTED.has(type)) {
      // The client ran it. Its output is content for the model, and needs the call before it.
      if (this.completedCallIds.has(item['call_id']))
        return this.#addCall(item, path, toLocalCall(type, item['arguments']));
      return this.dropped.add(`input.${type}`);
    }
    if (type === 'item_reference') {
      throw createUnsupportedError(
        path,
        'Responses are not stored here, so items cannot be referenced: send the items themselves (most clients do with "store": false).',
      );
    }
    if (Object.hasOwn(LOCAL_CALLS, type)) {
      return this.#addCall(item, path, toLocalCall(type, item[LOCAL_CALLS[type]!]));
    }
    if (type.endsWith('_call_output') && Object.hasOwn(LOCAL_CALLS, type.replace(/_output$/, ''))) {
      const output = item['output'] ?? '';
      // OpenAI's own local_shell_call_output names the call in `id`
      const text = typeof output === 'string' ? output : writeJson(readArray(output, `${path}.output`));
      return this.#addOutput(item['call_id'] ?? item['id'], text, path);
    }
    throw createUnsupportedError(`${path}.type`, `Items of the kind "${type}" are specific to OpenAI: leave them out.`);
  }

  #push(message: ChatMessage): void {
    this.#closeTurn();
    this.#messages.push(message);
  }

  #startTurn(): void {
    if (this.#turn) this.#messages.push(this.#turn.build());
    this.#turn = null;
  }

  /** Ends the turn. Reasoning belongs to the item after it, or, at the end of a response, to the item before it. */
  #closeTurn(): void {
    if (this.#turn) this.#attachReasoning(this.#turn);
    else if (this.#pendingReasoning.length > 0) this.dropped.add('input.reasoning');
    this.#pendingReasoning = [];
    this.#startTurn();
  }

  #attachReasoning(turn: AssistantTurn): void {
    turn.addReasoning(this.#pendingReasoning);
    this.#pendingReasoning = [];
  }
}

const findCompletedCalls = (input: readonly unknown[]): ReadonlySet<unknown> =>
  new Set(input.filter(isObject).flatMap((item) => (OUTPUTS.has(item['type']) ? [item['call_id']] : [])));

/** Returns a call of a built-in tool as a call of a function of that name. */
const toLocalCall = (type: string, action: unknown): ToolCall['function'] => ({
  name: type.replace(/_call$/, ''),
  arguments: getJsonText(action ?? {}),
});

const readNamespace = (item: JsonObject): string | undefined =>
  typeof item['namespace'] === 'string' && item['namespace'] !== '' ? item['namespace'] : undefined;

/**
 * Returns the arguments of a custom tool's call as JSON: a client that does not know such calls (Cursor) sends the
 * plain text in their place.
 */
export function wrapCustomInput(args: string): string {
  try {
    const value: unknown = JSON.parse(args);
    if (isObject(value) && typeof value['input'] === 'string') return args;
  } catch {
    // not JSON: the text of the tool itself
  }
  return JSON.stringify({ input: args });
}
