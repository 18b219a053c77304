/**
 * Converts JSON Schema to the subset of Claude's structured outputs: every object closed, no recursion, a small set of
 * keywords (platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations).
 */
import { writeJson } from '../../../../providers/json/exact.js';
import type { JsonObject } from '../../../pivot/chat.js';

const KEPT = new Set([
  'type',
  'enum',
  'const',
  'title',
  'description',
  'default',
  'required',
  '$ref',
  '$schema',
  '$id',
]);
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid']);
/** Keywords that cannot be left out without allowing more, or less, than the schema does. */
const UNSUPPORTED = ['not', 'if', 'then', 'else', 'prefixItems', 'contains', 'patternProperties', 'dependentSchemas'];
/** Maximum of optional properties: the vendor's grammar does not compile with about a dozen or more. */
const MAX_OPTIONAL = 10;

class UnsupportedSchemaError extends Error {}

/** Returns the schema with unsupported keywords moved into descriptions, or null if it cannot be converted. */
export function toOutputSchema(schema: JsonObject): JsonObject | null {
  try {
    if (isRecursive(schema)) return null;
    const count = { optional: 0 };
    const constrained = constrain(schema, count);
    return count.optional > MAX_OPTIONAL ? null : constrained;
  } catch (error) {
    if (error instanceof UnsupportedSchemaError) return null;
    throw error;
  }
}

function constrain(schema: JsonObject, count: { optional: number }): JsonObject {
  const result: JsonObject = {};
  const notes: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined || keyword === 'additionalProperties') continue;
    if (UNSUPPORTED.includes(keyword)) throw new UnsupportedSchemaError();
    if (KEPT.has(keyword)) result[keyword] = value;
    else if (keyword === 'anyOf' || keyword === 'oneOf') result['anyOf'] = constrainList(value, count);
    else if (keyword === 'allOf') result['allOf'] = constrainList(value, count);
    else if (keyword === 'properties' || keyword === '$defs' || keyword === 'definitions')
      result[keyword] = constrainMembers(value, count);
    else if (keyword === 'items') result['items'] = constrainValue(value, count);
    else if (keyword === 'format' && FORMATS.has(value as string)) result['format'] = value;
    else notes.push(`${keyword}: ${writeJson(value)}`);
  }
  if (isObjectType(schema)) closeObject(schema, result, count);
  if (notes.length > 0) {
    const description = typeof schema['description'] === 'string' ? `${schema['description']} ` : '';
    result['description'] = `${description}(${notes.join(', ')})`;
  }
  return result;
}

/** Closes an object. Throws for an object with arbitrary members, as it would come back empty. */
function closeObject(schema: JsonObject, result: JsonObject, count: { optional: number }): void {
  const { properties, required, additionalProperties: others } = schema;
  if (others === true || isObject(others) || (!isObject(properties) && others !== false))
    throw new UnsupportedSchemaError();
  result['additionalProperties'] = false;
  const needed = Array.isArray(required) ? required.length : 0;
  if (isObject(properties)) count.optional += Math.max(0, Object.keys(properties).length - needed);
}

function constrainValue(value: unknown, count: { optional: number }): unknown {
  if (typeof value === 'boolean') return value;
  if (!isObject(value)) throw new UnsupportedSchemaError();
  return constrain(value, count);
}

function constrainList(values: unknown, count: { optional: number }): unknown[] {
  if (!Array.isArray(values)) throw new UnsupportedSchemaError();
  return values.map((value) => constrainValue(value, count));
}

function constrainMembers(values: unknown, count: { optional: number }): JsonObject {
  if (!isObject(values)) throw new UnsupportedSchemaError();
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, constrainValue(value, count)]));
}

function isObjectType({ type, properties }: JsonObject): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isObject(properties);
}

/** Whether the schema contains a circular reference, or one that leads outside `$defs` and `definitions`. */
function isRecursive(root: JsonObject): boolean {
  const visiting = new Set<string>();
  const done = new Set<string>();
  const visit = (node: unknown): boolean => {
    if (Array.isArray(node)) return node.some(visit);
    if (!isObject(node)) return false;
    const { $ref: ref } = node;
    if (typeof ref === 'string' && follow(ref)) return true;
    return Object.entries(node).some(([name, value]) => name !== '$defs' && name !== 'definitions' && visit(value));
  };
  const follow = (ref: string): boolean => {
    if (done.has(ref)) return false;
    if (visiting.has(ref)) return true;
    const [, position, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref) ?? [];
    const target = position === undefined ? undefined : (root[position] as JsonObject | undefined)?.[name!];
    if (target === undefined) return true;
    visiting.add(ref);
    const isCircular = visit(target);
    visiting.delete(ref);
    done.add(ref);
    return isCircular;
  };
  return visit(root);
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
