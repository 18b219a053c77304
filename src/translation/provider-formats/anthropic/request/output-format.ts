import { writeJson } from '../../../../providers/json/exact.js';
import { createInvalidBodyError } from '../../../pivot/body-shape.js';
import type { ChatRequest, JsonObject } from '../../../pivot/chat.js';
import type { ClaudeModel } from '../claude-models.js';
import { toOutputSchema } from './output-schema.js';
import { JSON_RESPONSE_TOOL } from './tools.js';

/** How the response is restricted to JSON: at most one member is set. */
export interface OutputFormat {
  /** `output_config.format`. */
  format: JsonObject | null;
  /** A tool whose arguments are the response. */
  tool: JsonObject | null;
  /** Text for the system prompt. */
  instruction: string | null;
}

const AS_TEXT: OutputFormat = { format: null, tool: null, instruction: null };
const ONE_OBJECT = 'Answer with one JSON object and nothing else: no words around it and no Markdown.';

/**
 * Chooses how a schema is enforced: by the vendor's structured outputs if the model supports them for this schema, else
 * by a forced tool call. If neither is possible, the system prompt asks for it and `response_format` is named as
 * dropped.
 */
export function toOutputFormat(
  { response_format: format }: ChatRequest,
  claude: ClaudeModel,
  dropped: Set<string>,
): OutputFormat {
  if (!format || format.type === 'text') return AS_TEXT;
  if (format.type === 'json_object') return { ...AS_TEXT, instruction: ONE_OBJECT };
  if (format.type !== 'json_schema')
    throw createInvalidBodyError('response_format.type', '"text", "json_object" or "json_schema"');
  const { schema, description } = format.json_schema ?? {};
  if (!schema) return { ...AS_TEXT, instruction: ONE_OBJECT };
  const constrained = claude.takesSchemas ? toOutputSchema(schema) : null;
  if (constrained) {
    const schemaWithDescription = description ? { description, ...constrained } : constrained;
    return { ...AS_TEXT, format: { type: 'json_schema', schema: schemaWithDescription } };
  }
  if (claude.takesForcedTools && schema['type'] === 'object') {
    const toolDescription = description ?? 'Gives the answer to the user. Its arguments are the whole answer.';
    return { ...AS_TEXT, tool: { name: JSON_RESPONSE_TOOL, description: toolDescription, input_schema: schema } };
  }
  dropped.add('response_format');
  return { ...AS_TEXT, instruction: `${ONE_OBJECT} It must match this JSON Schema:\n${writeJson(schema)}` };
}
