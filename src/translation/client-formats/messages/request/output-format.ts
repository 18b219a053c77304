import type { JsonObject, ResponseFormat } from '../../../pivot/chat.js';
import { isObject, readObject, createUnsupportedError } from '../../../pivot/body-shape.js';

/** Name of the schema: Anthropic's `format` has none, and other vendors require one. */
const NAME = 'answer';

/** Deeper schemas are not marked as strict: no vendor accepts them so. */
const MAX_DEPTH = 12;

export function toResponseFormat(format: JsonObject): ResponseFormat {
  if (format['type'] !== 'json_schema')
    throw createUnsupportedError('output_config.format.type', 'Send {"type":"json_schema","schema":{…}}.');
  const schema = readObject(format['schema'], 'output_config.format.schema');
  return { type: 'json_schema', json_schema: { name: NAME, schema, strict: isStrict(schema, MAX_DEPTH) } };
}

/**
 * Whether a schema may be marked as strict. Anthropic always follows the schema. OpenAI and compatible servers do so
 * with `strict`, and then refuse a schema that has an optional property or allows additional ones.
 */
function isStrict(schema: unknown, depth: number): boolean {
  if (Array.isArray(schema)) return schema.every((inner) => isStrict(inner, depth));
  if (!isObject(schema)) return true;
  if (depth === 0) return false;
  const { properties, required } = schema;
  if (isObject(properties)) {
    if (schema['additionalProperties'] !== false || !Array.isArray(required)) return false;
    if (!Object.keys(properties).every((name) => required.includes(name))) return false;
    if (!Object.values(properties).every((inner) => isStrict(inner, depth - 1))) return false;
  } else if (schema['type'] === 'object') return false;
  return (
    ['items', 'anyOf', 'allOf', 'oneOf'].every((key) => isStrict(schema[key], depth - 1)) &&
    areDefinitionsStrict(schema, depth)
  );
}

function areDefinitionsStrict(schema: JsonObject, depth: number): boolean {
  return ['$defs', 'definitions'].every((key) => {
    const definitions = schema[key];
    return !isObject(definitions) || Object.values(definitions).every((inner) => isStrict(inner, depth - 1));
  });
}
