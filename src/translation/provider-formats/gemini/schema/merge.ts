/** Merges `allOf` into one schema as far as possible, for vendors that do not support `allOf`. */
import { isObject } from '../../../pivot/body-shape.js';
import type { JsonObject } from '../../../pivot/chat.js';

interface Combination {
  fits: (value: unknown) => boolean;
  combine: (one: never, other: never) => unknown;
}

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isAny = (): boolean => true;
const first: Combination = { fits: isAny, combine: (one) => one };
const larger: Combination = { fits: isNumber, combine: (one: number, other: number) => Math.max(one, other) };
const smaller: Combination = { fits: isNumber, combine: (one: number, other: number) => Math.min(one, other) };

/** For each keyword, how to combine two values into one that is as strict as both. */
const COMBINATIONS: Readonly<Record<string, Combination>> = {
  title: first,
  description: first,
  default: first,
  examples: first,
  $defs: first,
  definitions: first,
  minimum: larger,
  exclusiveMinimum: larger,
  minItems: larger,
  minLength: larger,
  minProperties: larger,
  maximum: smaller,
  exclusiveMaximum: smaller,
  maxItems: smaller,
  maxLength: smaller,
  maxProperties: smaller,
  required: {
    fits: Array.isArray,
    combine: (one: unknown[], other: unknown[]) => [...new Set([...one, ...other])],
  },
  enum: {
    fits: Array.isArray,
    combine: (one: unknown[], other: unknown[]) => one.filter((value) => hasEqual(other, value)),
  },
  type: { fits: isAny, combine: intersectTypes },
  properties: { fits: isObject, combine: mergeProperties },
};

/**
 * Returns a schema that is as strict as both. Calls `lose` with each keyword that cannot be combined; the first value
 * stays.
 */
export function mergeSchemas(one: JsonObject, other: JsonObject, reportLoss: (keyword: string) => void): JsonObject {
  const merged: JsonObject = { ...one };
  for (const [keyword, value] of Object.entries(other)) {
    if (!Object.hasOwn(one, keyword) || isEqual(one[keyword], value)) merged[keyword] = value;
    else merged[keyword] = combineKeyword(keyword, one[keyword], value, reportLoss);
  }
  return merged;
}

function combineKeyword(keyword: string, one: unknown, other: unknown, reportLoss: (keyword: string) => void): unknown {
  const { fits, combine } = Object.hasOwn(COMBINATIONS, keyword) ? COMBINATIONS[keyword]! : NONE;
  const value = fits(one) && fits(other) ? combine(one as never, other as never) : undefined;
  if (value !== undefined) return value;
  reportLoss(keyword);
  return one;
}

const NONE: Combination = { fits: () => false, combine: (one) => one };

/** Returns undefined if the two have no type in common. Every integer is a number. */
function intersectTypes(one: unknown, other: unknown): unknown {
  const ones = toList(one);
  const others = toList(other);
  const common = ones.filter((type) => others.includes(type) || (type === 'integer' && others.includes('number')));
  if (others.includes('integer') && ones.includes('number') && !common.includes('integer')) common.push('integer');
  return common.length > 1 ? common : common[0];
}

function mergeProperties(one: JsonObject, other: JsonObject): JsonObject {
  const properties = new Map(Object.entries(one));
  for (const [name, schema] of Object.entries(other)) {
    const known = properties.get(name);
    properties.set(name, known === undefined || isEqual(known, schema) ? schema : { allOf: [known, schema] });
  }
  return Object.fromEntries(properties);
}

const toList = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);

const hasEqual = (values: readonly unknown[], value: unknown): boolean => values.some((each) => isEqual(each, value));

function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, i) => isEqual(value, other[i]));
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  );
}
