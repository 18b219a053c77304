/** Converts `tools` and `tool_choice` of a Responses request to Chat. */
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
import type { ChatTool, FunctionTool, JsonObject, ToolChoice } from '../../../pivot/chat.js';
import type { DroppedNames } from './dropped-members.js';
import { toChatName, type ToolName, type ToolNames } from './tool-names.js';

/** Tools that Codex sends to every model, and does not depend on (`ToolSpec` in github.com/openai/codex). */
const DISPENSABLE = /^(web_search(_preview)?(_\d{4}_\d{2}_\d{2})?|local_shell|tool_search|image_generation)$/;

/** @param path path of the list: `tools`, or an item of the input that adds tools */
export function readTools(tools: unknown, path: string, names: ToolNames, dropped: DroppedNames): ChatTool[] {
  return readArray(tools, path).flatMap((value, i) => readTool(value, `${path}[${i}]`, names, dropped));
}

function readTool(
  value: unknown,
  path: string,
  names: ToolNames,
  dropped: DroppedNames,
  namespace?: string,
): ChatTool[] {
  const tool = readObject(value, path);
  const type = readName(tool['type'], `${path}.type`);
  if (type === 'function' || type === 'custom') {
    // Chat's nested form is accepted too: some clients mix them
    const nested = tool[type];
    const flat = isObject(nested) ? nested : tool;
    const at = isObject(nested) ? `${path}.${type}` : path;
    const make = type === 'function' ? toFunctionTool : toCustomTool;
    return [{ type: 'function', function: make(flat, at, names, dropped, namespace) }];
  }
  if (type === 'namespace') {
    const inside = isAbsent(tool['tools']) ? [] : readArray(tool['tools'], `${path}.tools`);
    if (inside.length === 0) {
      dropped.add('tools.namespace');
      return [];
    }
    const name = readName(tool['name'], `${path}.name`);
    return inside.flatMap((inner, i) => readTool(inner, `${path}.tools[${i}]`, names, dropped, name));
  }
  if (!DISPENSABLE.test(type)) {
    throw createUnsupportedError(
      path,
      `"${type}" is a tool that OpenAI runs. Leave it out, or offer it as a function.`,
    );
  }
  dropped.add(`tools.${type}`);
  return [];
}

function toFunctionTool(
  tool: JsonObject,
  path: string,
  names: ToolNames,
  dropped: DroppedNames,
  namespace?: string,
): FunctionTool {
  const name = names.add(createToolName('function', readName(tool['name'], `${path}.name`), namespace));
  noteOthers(tool, FUNCTION_MEMBERS, dropped);
  const { description, parameters, strict } = tool as { description?: unknown; parameters?: unknown; strict?: boolean };
  return {
    name,
    ...(isAbsent(description) ? {} : { description: readString(description, `${path}.description`) }),
    ...(isAbsent(parameters) ? {} : { parameters: readObject(parameters, `${path}.parameters`) }),
    ...(isAbsent(strict) ? {} : { strict }),
  };
}

const FUNCTION_MEMBERS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'parameters', 'strict']);
const CUSTOM_MEMBERS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'format']);

function noteOthers(tool: JsonObject, known: ReadonlySet<string>, dropped: DroppedNames): void {
  for (const member in tool) if (!known.has(member)) dropped.note(`tools.${member}`, tool[member]);
}

/**
 * Returns a custom tool as a function: its free text becomes the only argument `input`. A grammar cannot be enforced,
 * so it is added to the description for the model.
 */
function toCustomTool(
  tool: JsonObject,
  path: string,
  names: ToolNames,
  dropped: DroppedNames,
  namespace?: string,
): FunctionTool {
  noteOthers(tool, CUSTOM_MEMBERS, dropped);
  const name = names.add(createToolName('custom', readName(tool['name'], `${path}.name`), namespace));
  const format = isObject(tool['format']) ? tool['format'] : {};
  // Chat's form has one more level
  const { syntax, definition } = (isObject(format['grammar']) ? format['grammar'] : format) as Record<string, string>;
  const ownDescription = typeof tool['description'] === 'string' ? tool['description'] : '';
  const grammar = definition ? `The text must follow this grammar (${syntax ?? 'lark'}):\n${definition}` : '';
  if (grammar !== '') dropped.add('tools.format');
  const description = [ownDescription, grammar].filter((text) => text !== '').join('\n\n');
  return {
    name,
    ...(description !== '' && { description }),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
      required: ['input'],
      additionalProperties: false,
    },
  };
}

function createToolName(kind: ToolName['kind'], name: string, namespace: string | undefined): ToolName {
  return namespace === undefined ? { kind, name } : { kind, name, namespace };
}

/** Reads the tool choice. Null: all tools that it allows were left out. */
export function readToolChoice(choice: unknown, dropped: DroppedNames): ToolChoice | null {
  if (choice === 'none' || choice === 'auto' || choice === 'required') return choice;
  const chosen = readObject(choice, 'tool_choice');
  switch (chosen['type']) {
    case 'function':
    case 'custom':
      return { type: 'function', function: { name: readChosenName(chosen, 'tool_choice') } };
    case 'allowed_tools':
      return readAllowedTools(chosen, dropped);
    default:
      throw createUnsupportedError(
        'tool_choice',
        'Choose "none", "auto", "required", a function, a custom tool or allowed tools.',
      );
  }
}

function readAllowedTools(chosen: JsonObject, dropped: DroppedNames): ToolChoice | null {
  const nested = chosen['allowed_tools'];
  const path = isObject(nested) ? 'tool_choice.allowed_tools' : 'tool_choice';
  const { mode = 'auto', tools } = isObject(nested) ? nested : chosen;
  if (mode !== 'auto' && mode !== 'required') throw createInvalidBodyError(`${path}.mode`, '"auto" or "required"');
  const listed = readArray(tools, `${path}.tools`).map((tool, i) => readObject(tool, `${path}.tools[${i}]`));
  if (listed.some(({ type }) => isDispensable(type))) dropped.add(`${path}.tools`);
  const supported = listed.flatMap((tool, i) =>
    isDispensable(tool['type']) ? [] : [readChosenTool(tool, `${path}.tools[${i}]`)],
  );
  if (listed.length > 0 && supported.length === 0) return null;
  return { type: 'allowed_tools', allowed_tools: { mode, tools: supported } };
}

const isDispensable = (type: unknown): boolean => typeof type === 'string' && DISPENSABLE.test(type);

function readChosenTool(tool: JsonObject, path: string): { type: 'function'; function: { name: string } } {
  if (tool['type'] !== 'function' && tool['type'] !== 'custom') {
    throw createUnsupportedError(path, 'Only functions and custom tools can be allowed here: leave the others out.');
  }
  return { type: 'function', function: { name: readChosenName(tool, path) } };
}

function readChosenName(chosen: JsonObject, path: string): string {
  const nested = chosen[chosen['type'] as string];
  const { name, namespace } = isObject(nested) ? nested : chosen;
  return toChatName(readName(name, `${path}.name`), typeof namespace === 'string' ? namespace : undefined);
}
