/** Converts tools and the choice among them (ai.google.dev/api/caching#Tool, #FunctionCallingConfig). */
import { createInvalidBodyError, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { ChatRequest, ChatTool, FunctionTool, JsonObject } from '../../../pivot/chat.js';
import { toGeminiSchema } from '../schema/from-json-schema.js';

export interface GeminiTools {
  tools?: JsonObject[];
  toolConfig?: JsonObject;
}

export function toGeminiTools({ tools, tool_choice: choice }: ChatRequest, dropped: Set<string>): GeminiTools {
  const functions = (tools ?? []).map(requireFunction);
  if (functions.length === 0) {
    if (choice === null || choice === undefined || choice === 'none' || choice === 'auto') return {};
    throw createInvalidBodyError('tool_choice', 'left out without tools');
  }
  const functionCallingConfig = buildCallingConfig(choice ?? 'auto', functions);
  return {
    tools: [{ functionDeclarations: functions.map((tool) => toDeclaration(tool, dropped)) }],
    ...(functionCallingConfig && { toolConfig: { functionCallingConfig } }),
  };
}

function requireFunction(tool: ChatTool, i: number): FunctionTool {
  if (tool.type === 'function') return tool.function;
  throw createUnsupportedError(`tools[${i}].type`, 'Gemini calls only functions: define the tool as one.');
}

/** Omits the schema of a function without parameters: some models refuse the schema of an empty object. */
function toDeclaration({ name, description, parameters }: FunctionTool, dropped: Set<string>): JsonObject {
  const schema = parameters ? toGeminiSchema(parameters, 'tools[].function.parameters', dropped) : {};
  return {
    name,
    ...(description && { description }),
    ...(!isEmpty(schema) && { parametersJsonSchema: schema }),
  };
}

function isEmpty(schema: JsonObject): boolean {
  const { properties, type } = schema;
  if (Object.keys(schema).length === 0) return true;
  const hasNoProperties = properties === undefined || Object.keys(properties as object).length === 0;
  return type === 'object' && hasNoProperties && Object.keys(schema).every((name) => PLAIN.has(name));
}

/** Keywords without an effect on an object without properties. */
const PLAIN: ReadonlySet<string> = new Set(['type', 'properties', 'required', 'additionalProperties', '$schema']);

/**
 * Converts the choice. VALIDATED enforces the schema of arguments and leaves the choice to the model. Undefined:
 * Gemini's default, AUTO.
 */
function buildCallingConfig(
  choice: NonNullable<ChatRequest['tool_choice']>,
  functions: readonly FunctionTool[],
): JsonObject | undefined {
  if (choice === 'none') return { mode: 'NONE' };
  if (choice === 'required') return { mode: 'ANY' };
  if (choice === 'auto') return functions.some(({ strict }) => strict) ? { mode: 'VALIDATED' } : undefined;
  if (typeof choice !== 'object')
    throw createInvalidBodyError('tool_choice', '"none", "auto", "required" or an object');
  if (choice.type === 'function') {
    return {
      mode: 'ANY',
      allowedFunctionNames: [requireFunctionName(choice.function.name, functions, 'tool_choice.function.name')],
    };
  }
  if (choice.type !== 'allowed_tools') {
    throw createUnsupportedError(
      'tool_choice.type',
      'Gemini calls only functions: name a function, or send "required".',
    );
  }
  const { mode, tools } = choice.allowed_tools;
  const allowedFunctionNames = tools.map((tool, i) =>
    requireFunctionName(tool.function?.name, functions, `tool_choice.allowed_tools.tools[${i}].function.name`),
  );
  return { mode: mode === 'required' ? 'ANY' : 'VALIDATED', allowedFunctionNames };
}

function requireFunctionName(name: string, functions: readonly FunctionTool[], path: string): string {
  if (functions.some((tool) => tool.name === name)) return name;
  throw createInvalidBodyError(path, 'the name of one of the tools');
}
