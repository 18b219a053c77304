import { copyCacheMark } from '../../../pivot/cache-marks.js';
import { createInvalidBodyError, readName, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { ChatRequest, ChatTool, JsonObject } from '../../../pivot/chat.js';
import type { ClaudeModel } from '../claude-models.js';
import { toOutputSchema } from './output-schema.js';
import { toToolChoice, type Choice } from './tool-choice.js';
import type { Turn } from './turns.js';

/** Tool whose call carries a JSON answer if the model has no other way to give one; never shown to the caller. */
export const JSON_RESPONSE_TOOL = 'gateway_json_answer';

export interface ToolUse {
  /** `tools` and `tool_choice`, if there are any. */
  members: JsonObject;
  isForced: boolean;
  /** Text that asks the model for a call, if the model does not accept a forced one. */
  request: string | null;
}

/** Converts tools. The caller's tools and `jsonTool` are offered together: the model then either calls or answers. */
export function buildToolUse(
  chat: ChatRequest,
  claude: ClaudeModel,
  turns: readonly Turn[],
  jsonTool: JsonObject | null,
  dropped: Set<string>,
): ToolUse {
  const tools = (chat.tools ?? []).map((tool, i) => toTool(tool, `tools[${i}]`, claude, dropped));
  const choice = toToolChoice(chat, tools);
  const offered = tools.filter(({ name }) => choice.only?.has(name as string) ?? true);
  if (jsonTool && choice.kind === 'auto') return forceJsonTool([...offered, jsonTool]);
  if (jsonTool && choice.kind === 'none') return forceJsonTool([jsonTool]);
  if (offered.length === 0) return { members: addPastTools(turns), isForced: false, request: null };
  return applyChoice(offered, choice, chat.parallel_tool_calls === false, claude, dropped);
}

/** Forces a call, and forbids parallel ones, as there must be only one answer. */
function forceJsonTool(tools: JsonObject[]): ToolUse {
  const isAlone = tools.length === 1;
  const forced = isAlone ? { type: 'tool', name: JSON_RESPONSE_TOOL } : { type: 'any' };
  return {
    members: { tools, tool_choice: { ...forced, disable_parallel_tool_use: true } },
    isForced: true,
    request: null,
  };
}

function applyChoice(
  tools: JsonObject[],
  choice: Choice,
  isSequential: boolean,
  claude: ClaudeModel,
  dropped: Set<string>,
): ToolUse {
  const single = isSequential ? { disable_parallel_tool_use: true } : {};
  const isForced = choice.kind === 'any' || choice.kind === 'tool';
  if (isForced && !claude.takesForcedTools) {
    dropped.add('tool_choice');
    const request = choice.name ? `Call the tool ${choice.name} now.` : 'Call one of the tools now.';
    return { members: { tools, tool_choice: { type: 'auto', ...single } }, isForced: false, request };
  }
  if (choice.kind === 'none') return { members: { tools, tool_choice: { type: 'none' } }, isForced, request: null };
  if (choice.kind === 'auto' && !isSequential && !choice.isExplicit)
    return { members: { tools }, isForced, request: null };
  const named = choice.name ? { name: choice.name } : {};
  return { members: { tools, tool_choice: { type: choice.kind, ...named, ...single } }, isForced, request: null };
}

function toTool(tool: ChatTool, path: string, claude: ClaudeModel, dropped: Set<string>): JsonObject {
  if (tool.type !== 'function')
    throw createUnsupportedError(`${path}.type`, 'Offer a function instead, with one text as its parameter.');
  const { description, parameters, strict } = tool.function;
  const name = readName(tool.function.name, `${path}.function.name`);
  if (name === JSON_RESPONSE_TOOL)
    throw createInvalidBodyError(`${path}.function.name`, 'another name: the gateway reserves this one');
  const schema: JsonObject = { type: 'object', properties: {}, ...parameters };
  const definition: JsonObject = { name, ...(description ? { description } : {}), input_schema: schema };
  if (strict === true) makeStrict(definition, schema, claude, dropped);
  return copyCacheMark(tool, definition);
}

/** Makes the arguments strict if the model can guarantee them for this schema. The schema itself is always sent. */
function makeStrict(definition: JsonObject, schema: JsonObject, claude: ClaudeModel, dropped: Set<string>): void {
  const constrained = claude.takesSchemas ? toOutputSchema(schema) : null;
  if (!constrained) return void dropped.add('tools[].function.strict');
  definition['input_schema'] = constrained;
  definition['strict'] = true;
}

/** Describes the tools of calls in the history: the vendor requires it even if no tool may be called. */
function addPastTools(turns: readonly Turn[]): JsonObject {
  const names = new Set<string>();
  for (const { content } of turns)
    for (const { type, name } of content) if (type === 'tool_use') names.add(name as string);
  if (names.size === 0) return {};
  const tools = [...names].map((name) => ({ name, input_schema: { type: 'object', properties: {} } }));
  return { tools, tool_choice: { type: 'none' } };
}
