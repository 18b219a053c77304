/** Converts the tools that the model may call. Enforces a JSON Schema for the answer with a forced tool. */
import { writeJson } from '../../../../providers/json/exact.js';
import { isAbsent, createUnsupportedError } from '../../../pivot/body-shape.js';
import type { ChatRequest, ChatTool, FunctionTool, JsonObject, ToolChoice } from '../../../pivot/chat.js';
import { type CacheMarked, copyCacheMark } from '../../../pivot/cache-marks.js';
import type { BedrockModel } from '../models.js';
import { toCachePoint } from './caching.js';
import type { ToolConfig } from '../wire.js';
import { inlineReferences } from '../../../json-schema/inlining.js';

/** Name of the tool whose input is the answer; unlikely to be a client's own. */
export const JSON_TOOL = 'json_answer';

const NO_PARAMETERS: JsonObject = Object.freeze({ type: 'object', properties: Object.freeze({}) });

export interface Tooling {
  /** Null: without tools, so the model cannot call any. */
  toolConfig: ToolConfig | null;
  /** Anthropic's own form of the choice, the only one that can forbid parallel calls; replaces `toolChoice`. */
  anthropicChoice: JsonObject | null;
  /** Whether the answer is the input of `JSON_TOOL`. */
  respondsByTool: boolean;
  /** Text that asks the model for the form of its answer, if the form cannot be enforced. */
  instruction: string | null;
  /** Whether a call is forced. */
  isForced: boolean;
}

export function buildTooling(chat: ChatRequest, model: BedrockModel, dropped: Set<string>): Tooling {
  const choice = chat.tool_choice ?? 'auto';
  const offered = choice === 'none' ? [] : listOfferedTools(chat.tools ?? [], choice);
  if (offered.length > 0 && model.rules.tools === 'none')
    throw createUnsupportedError('tools', 'This model does not call tools: leave them out, or choose another model.');
  const requestedChoice = toRequestedChoice(choice, offered.length);
  if (requestedChoice !== 'auto' && !model.canBeForced)
    throw createUnsupportedError(
      'tool_choice',
      'This model cannot be forced to call a tool: send "auto", or choose another model.',
    );
  const { schema, instruction } = buildOutputForm(chat, model, requestedChoice, dropped);
  const tools: ToolConfig['tools'] = offered.flatMap((each) => toToolBlocks(each, model, dropped));
  if (schema)
    tools.push({
      toolSpec: { name: JSON_TOOL, description: schema.description, inputSchema: { json: schema.schema } },
    });
  const finalChoice: RequestedChoice = schema
    ? offered.length > 0
      ? 'required'
      : { name: JSON_TOOL }
    : requestedChoice;
  const anthropicChoice = buildSingleCallChoice(chat, model, finalChoice, offered.length, dropped);
  const isExplicit = finalChoice !== 'auto' || (!isAbsent(chat.tool_choice) && model.rules.choices.has('auto'));
  const toolConfig = isExplicit && !anthropicChoice ? applyChoice(tools, finalChoice, model) : { tools };
  return {
    toolConfig: tools.length === 0 ? null : toolConfig,
    anthropicChoice,
    respondsByTool: schema !== null,
    instruction,
    isForced: tools.length > 0 && finalChoice !== 'auto',
  };
}

type RequestedChoice = 'auto' | 'required' | { name: string };

type OfferedTool = FunctionTool & CacheMarked;

function listOfferedTools(tools: readonly ChatTool[], choice: ToolChoice): OfferedTool[] {
  const allowed = readAllowedNames(choice);
  return tools.flatMap((tool, i) => {
    if (tool.type !== 'function')
      throw createUnsupportedError(`tools[${i}].type`, 'Bedrock accepts only tools of type "function".');
    return allowed && !allowed.has(tool.function.name) ? [] : [copyCacheMark(tool, { ...tool.function })];
  });
}

function readAllowedNames(choice: ToolChoice): ReadonlySet<string> | null {
  if (typeof choice === 'string' || choice.type !== 'allowed_tools') return null;
  return new Set(choice.allowed_tools.tools.map((tool) => tool.function.name));
}

function toRequestedChoice(choice: ToolChoice, count: number): RequestedChoice {
  if (count === 0 || choice === 'auto' || choice === 'none') return 'auto';
  if (choice === 'required') return 'required';
  if (choice.type === 'allowed_tools') return choice.allowed_tools.mode;
  if (choice.type === 'function') return { name: choice.function.name };
  throw createUnsupportedError('tool_choice', 'Bedrock accepts only tools of type "function".');
}

/**
 * Chooses how JSON is enforced. A schema becomes a tool, beside the client's own. If the client forces one of its tools
 * by name, the answer can only be that call, so the schema is named as dropped. If the model cannot be forced, or if
 * any JSON is acceptable, an instruction asks for it.
 */
function buildOutputForm(
  chat: ChatRequest,
  model: BedrockModel,
  requestedChoice: RequestedChoice,
  dropped: Set<string>,
) {
  const format = chat.response_format;
  if (!format || format.type === 'text') return { schema: null, instruction: null };
  if (typeof requestedChoice === 'object') {
    dropped.add('response_format');
    return { schema: null, instruction: null };
  }
  if (format.type === 'json_object') return { schema: null, instruction: JSON_INSTRUCTION };
  if (format.type !== 'json_schema')
    throw createUnsupportedError('response_format.type', 'Send "text", "json_object" or "json_schema".');
  const { schema, name, description } = format.json_schema;
  if (!schema) return { schema: null, instruction: JSON_INSTRUCTION };
  if (!model.canBeForced) {
    dropped.add('response_format');
    return {
      schema: null,
      instruction: `${JSON_INSTRUCTION} It must match this JSON Schema: ${writeJson(schema)}`,
    };
  }
  const adaptedSchema = adaptSchema(model, schema, 'response_format.json_schema.schema', dropped);
  const purpose = `Gives the answer (${name}) to the user. Call it instead of answering in text.`;
  return {
    schema: { schema: adaptedSchema, description: description ? `${purpose} ${description}` : purpose },
    instruction: null,
  };
}

function adaptSchema({ rules }: BedrockModel, schema: JsonObject, path: string, dropped: Set<string>): JsonObject {
  return rules.takesReferences ? schema : inlineReferences(schema, () => dropped.add(`${path}.$ref`));
}

const JSON_INSTRUCTION = 'Answer with one JSON object and nothing else: no text around it, no code fence.';

function toToolBlocks(tool: OfferedTool, model: BedrockModel, dropped: Set<string>): ToolConfig['tools'] {
  const { name, description, parameters, strict } = tool;
  if (strict && !model.takesStrict) dropped.add('tools[].function.strict');
  const toolSpec = {
    name,
    ...(description?.trim() ? { description } : {}),
    inputSchema: {
      json: parameters ? adaptSchema(model, parameters, 'tools[].function.parameters', dropped) : NO_PARAMETERS,
    },
    ...(strict && model.takesStrict ? { strict } : {}),
  };
  const cachePoint = toCachePoint(tool, model, model.cachesTools, 'tools[].cache_control', dropped);
  return cachePoint ? [{ toolSpec }, { cachePoint }] : [{ toolSpec }];
}

/** Returns the choice for `parallel_tool_calls: false`, if the model supports it. */
function buildSingleCallChoice(
  chat: ChatRequest,
  model: BedrockModel,
  choice: RequestedChoice,
  count: number,
  dropped: Set<string>,
) {
  if (chat.parallel_tool_calls !== false || count === 0) return null;
  if (model.family !== 'claude') {
    dropped.add('parallel_tool_calls');
    return null;
  }
  const disable = { disable_parallel_tool_use: true };
  if (choice === 'auto') return { type: 'auto', ...disable };
  return choice === 'required' ? { type: 'any', ...disable } : { type: 'tool', name: choice.name, ...disable };
}

/** Returns tools and choice. A model that cannot be forced to call a tool by name is offered only that tool. */
function applyChoice(tools: ToolConfig['tools'], choice: RequestedChoice, { rules }: BedrockModel): ToolConfig {
  if (typeof choice === 'string' || rules.choices.has('tool')) return { tools, toolChoice: toConverseChoice(choice) };
  const chosenTools = tools.filter((tool) => 'toolSpec' in tool && tool.toolSpec.name === choice.name);
  return { tools: chosenTools, toolChoice: { any: {} } };
}

function toConverseChoice(choice: RequestedChoice): ToolConfig['toolChoice'] {
  if (choice === 'auto') return { auto: {} };
  return choice === 'required' ? { any: {} } : { tool: { name: choice.name } };
}
