import { createInvalidBodyError, createUnsupportedError } from '../../pivot/body-shape.js';
import type { ChatRequest, ChatTool, FunctionTool, JsonObject, ToolChoice } from '../../pivot/chat.js';

/**
 * Converts `tools` and `tool_choice`. Cohere can be forced to call a tool or to call none, but not a particular one: if
 * the choice names tools, only these are sent.
 */
export function toCohereTools({ tools, tool_choice: choice }: ChatRequest, dropped: Set<string>): JsonObject {
  const functions = (tools ?? []).map((tool, i) => requireFunction(tool, `tools[${i}]`));
  if (functions.length === 0) return {};
  const { toolNames, mode } = toChoice(choice ?? 'auto');
  const offered = toolNames ? toolNames.map((name) => findFunction(functions, name)) : functions;
  const isStrict = offered.every(canBeStrict);
  if (!isStrict && offered.some(({ strict }) => strict === true)) dropped.add('tools[].function.strict');
  return {
    tools: offered.map(toTool),
    ...(isStrict && { strict_tools: true }),
    ...(mode !== 'AUTO' && { tool_choice: mode }),
  };
}

/**
 * Whether a tool can be strict. Cohere is strict with all tools or with none, and requires a required parameter in
 * each.
 */
function canBeStrict({ strict, parameters }: FunctionTool): boolean {
  const required = parameters?.['required'];
  return strict === true && Array.isArray(required) && required.length > 0;
}

function requireFunction(tool: ChatTool, path: string): FunctionTool {
  if (tool.type === 'function') return tool.function;
  throw createUnsupportedError(`${path}.type`, 'Cohere’s models call only functions: define it as a function.');
}

function toTool({ name, description, parameters }: FunctionTool): JsonObject {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
    },
  };
}

interface Choice {
  mode: 'AUTO' | 'NONE' | 'REQUIRED';
  /** The only tools that may be called. */
  toolNames?: string[];
}

function toChoice(choice: ToolChoice): Choice {
  if (choice === 'auto') return { mode: 'AUTO' };
  if (choice === 'none') return { mode: 'NONE' };
  if (choice === 'required') return { mode: 'REQUIRED' };
  switch (choice.type) {
    case 'function':
      return { mode: 'REQUIRED', toolNames: [choice.function.name] };
    case 'allowed_tools': {
      const { mode, tools } = choice.allowed_tools;
      return { mode: mode === 'required' ? 'REQUIRED' : 'AUTO', toolNames: tools.map((tool) => tool.function.name) };
    }
    default:
      throw createUnsupportedError('tool_choice', 'Send "auto", "none", "required" or the name of a function.');
  }
}

function findFunction(functions: readonly FunctionTool[], name: string): FunctionTool {
  const found = functions.find((one) => one.name === name);
  if (!found)
    throw createInvalidBodyError(
      'tool_choice',
      `the name of a tool that is sent, which ${JSON.stringify(name)} is not`,
    );
  return found;
}
