/**
 * Converts `enum`, `const`, `type` and `nullable` to the form that Gemini accepts: values of an enum are texts or
 * numbers.
 */
import { isMarkedNumber } from '../../../../providers/json/exact.js';
import { isObject } from '../../../pivot/body-shape.js';
import type { JsonObject } from '../../../pivot/chat.js';

export type Values = { type?: unknown; enum?: unknown; anyOf?: unknown };

/**
 * Returns a schema for the values of an enum; null if a value is an object or an array, which have no equivalent.
 */
export function toEnumSchema(values: readonly unknown[]): Values | null {
  const numbers = values.filter((value) => typeof value === 'number' || isMarkedNumber(value));
  const texts = values.filter((value) => typeof value === 'string' && !isMarkedNumber(value));
  const flags = values.filter((value) => typeof value === 'boolean');
  if (values.some((value) => typeof value === 'object' && value !== null)) return null;
  const alternatives: Values[] = [];
  if (texts.length > 0) alternatives.push({ type: 'string', enum: texts });
  if (numbers.length > 0) alternatives.push({ type: numbers.every(isWhole) ? 'integer' : 'number', enum: numbers });
  if (flags.length > 0) alternatives.push({ type: 'boolean' });
  if (values.includes(null)) alternatives.push({ type: 'null' });
  return alternatives.length > 1 ? { anyOf: alternatives } : (alternatives[0] ?? null);
}

const isWhole = (value: unknown): boolean => Number.isInteger(value) || isMarkedNumber(value);

/** Returns the type that the other keywords imply, as Google requires a type. Undefined: any value is valid. */
export function inferType(schema: JsonObject): string | undefined {
  if (isObject(schema['properties']) || 'additionalProperties' in schema || 'required' in schema) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : undefined;
}

/** Converts OpenAPI's `nullable` to JSON Schema. */
export function addNull(schema: JsonObject): JsonObject {
  const { type, anyOf } = schema;
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...(anyOf as unknown[]), { type: 'null' }] };
  if (Array.isArray(schema['enum'])) return { anyOf: [schema, { type: 'null' }] };
  if (type === undefined) return schema;
  return { ...schema, type: [...new Set([...(Array.isArray(type) ? (type as unknown[]) : [type]), 'null'])] };
}

/**
 * Converts an `anyOf` of a schema and null, as generators write optional values, to one schema with two types, which
 * leaves no members beside `anyOf`. Other alternatives stay unchanged.
 */
export function removeOptional(schema: JsonObject): JsonObject {
  const { anyOf, ...others } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return schema;
  const isNull = (one: unknown): boolean => isObject(one) && one['type'] === 'null' && Object.keys(one).length === 1;
  const inner = anyOf.find((one) => !isNull(one)) as unknown;
  if (!anyOf.some(isNull) || !isObject(inner) || typeof inner['type'] !== 'string' || 'enum' in inner) return schema;
  if (Object.keys(others).some((keyword) => keyword !== 'description' && keyword !== 'title')) return schema;
  return { ...inner, ...others, type: [inner['type'], 'null'] };
}
