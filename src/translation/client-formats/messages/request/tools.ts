import type { ChatRequest, ChatTool, FunctionTool, JsonObject } from '../../../pivot/chat.js';
import {
  createInvalidBodyError,
  readArray,
  readObject,
  readString,
  createUnsupportedError,
} from '../../../pivot/body-shape.js';
import { copyCacheMark } from '../../../pivot/cache-marks.js';
import { type DroppedMembers } from './members.js';

const TOOL_MEMBERS: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
]);
const CHOICE_MEMBERS: ReadonlySet<string> = new Set(['type', 'name', 'disable_parallel_tool_use']);

/** Tool that finds others which are sent with `defer_loading`. It is left out: all tools are sent in full. */
const TOOL_SEARCH = /^tool_search_tool_/;

/** Reads `tools` and `tool_choice` as members of a Chat request. */
export function readTools(body: JsonObject, dropped: DroppedMembers): Partial<ChatRequest> {
  const tools = toChatTools(body['tools'], dropped);
  const choice = body['tool_choice'] ?? null;
  if (tools.length === 0) {
    if (choice !== null) dropped.add('tool_choice');
    return {};
  }
  return { tools, ...(choice === null ? {} : readChoice(readObject(choice, 'tool_choice'), dropped)) };
}

function toChatTools(tools: unknown, dropped: DroppedMembers): ChatTool[] {
  if (tools === undefined || tools === null) return [];
  return readArray(tools, 'tools').flatMap((tool, i) =>
    readTool(readObject(tool, `tools[${i}]`), `tools[${i}]`, dropped),
  );
}

function readTool(tool: JsonObject, path: string, dropped: DroppedMembers): ChatTool[] {
  const type = tool['type'] ?? 'custom';
  if (typeof type === 'string' && TOOL_SEARCH.test(type)) {
    dropped.add(`tools[].${type}`);
    return [];
  }
  if (type !== 'custom')
    throw createUnsupportedError(
      `${path}.type`,
      `${JSON.stringify(type)} is a tool that Anthropic defines or runs: leave it out, or define your own tool with name and input_schema.`,
    );
  dropped.addOthers(tool, TOOL_MEMBERS, 'tools[].');
  const definition: FunctionTool = { name: readString(tool['name'], `${path}.name`) };
  if (typeof tool['description'] === 'string') definition.description = tool['description'];
  definition.parameters = readObject(tool['input_schema'], `${path}.input_schema`);
  if (typeof tool['strict'] === 'boolean') definition.strict = tool['strict'];
  return [copyCacheMark(tool, { type: 'function', function: definition })];
}

function readChoice(choice: JsonObject, dropped: DroppedMembers): Partial<ChatRequest> {
  dropped.addOthers(choice, CHOICE_MEMBERS, 'tool_choice.');
  const parallel = choice['disable_parallel_tool_use'] === true ? { parallel_tool_calls: false } : {};
  switch (choice['type']) {
    case 'auto':
      return { tool_choice: 'auto', ...parallel };
    case 'any':
      return { tool_choice: 'required', ...parallel };
    case 'none':
      return { tool_choice: 'none' };
    case 'tool': {
      const name = readString(choice['name'], 'tool_choice.name');
      return { tool_choice: { type: 'function', function: { name } }, ...parallel };
    }
    default:
      throw createInvalidBodyError('tool_choice.type', '"auto", "any", "none" or "tool"');
  }
}
