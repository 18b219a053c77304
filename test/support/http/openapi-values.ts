/** Generates values that match the schemas of the OpenAPI document, as a client that has read it would send them. */
import type { Json } from './admin-client.js';

/** An id that does not exist. */
export const NO_ID = '00000000-0000-4000-8000-000000000000';

/**
 * Returns a short value that the schema allows: required members only, the first of an enumeration, the minimum of
 * each.
 */
export function valueOf(schema: Json, document: Json, depth = 0): Json {
  if (schema.$ref) return valueOf(document.components.schemas[schema.$ref.split('/').pop()], document, depth);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  for (const kind of ['allOf', 'anyOf', 'oneOf'])
    if (schema[kind]) return valueOf(schema[kind][0], document, depth + 1);
  switch (schema.type) {
    case 'string':
      return textOf(schema);
    case 'number':
    case 'integer':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => valueOf(schema.items, document, depth + 1));
    default:
      return Object.fromEntries(
        (schema.required ?? []).map((name: string) => [name, valueOf(schema.properties[name], document, depth + 1)]),
      );
  }
}

function textOf({ format, minLength = 1, pattern }: Json): string {
  if (format === 'uuid') return NO_ID;
  if (format === 'date-time') return '2040-01-01T00:00:00Z';
  if (format === 'email') return 'somebody@example.com';
  if (format === 'uri') return 'https://example.com/';
  if (pattern) return '10';
  return 'x'.repeat(minLength).padEnd(4, 'x');
}

/** Returns the path of an operation with its parameters and its required query. */
export function pathOf(path: string, operation: Json, document: Json): string {
  const query = new URLSearchParams();
  let filled = path;
  for (const parameter of operation.parameters ?? []) {
    const value = valueOf(parameter.schema, document);
    if (parameter.in === 'path') filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === 'query' && parameter.required) query.set(parameter.name, value);
  }
  return query.size > 0 ? `${filled}?${query}` : filled;
}

/** Returns the JSON body of an operation; undefined without one. */
export function bodyOf(operation: Json, document: Json): Json {
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  return schema === undefined ? undefined : valueOf(schema, document);
}
