/**
 * Converts JSON Schema for Gemini's `parametersJsonSchema` and `responseJsonSchema`. Google reads a fixed list of
 * keywords (ai.google.dev/api/generate-content, GenerationConfig.responseJsonSchema) and refuses members beside `$ref`,
 * and cycles within required properties. A constraint outside the list is moved to the description, for the model to
 * read.
 */
import { writeJson } from '../../../../providers/json/exact.js';
import { isObject } from '../../../pivot/body-shape.js';
import type { JsonObject } from '../../../pivot/chat.js';
import { relaxCycles } from './cycles.js';
import { mergeSchemas } from './merge.js';
import { SchemaReferences } from '../../../json-schema/references.js';
import { toEnumSchema, inferType, addNull, removeOptional } from './values.js';

/** Limits the growth by copied definitions. */
const MAX_NODES = 20_000;
/** Schemas of tools are about 30 deep; copied definitions could nest without end. */
const MAX_DEPTH = 100;
const MAX_NOTE_CHARS = 300;

const SUPPORTED: ReadonlySet<string> = new Set([
  ...['title', 'description', 'minItems', 'maxItems', 'minimum', 'maximum', 'propertyOrdering', 'required'],
]);
/** Formats of texts that Google accepts; formats of numbers are OpenAPI's. */
const FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'date', 'time', 'int32', 'int64', 'float', 'double']);
/** Keywords that constrain no value, or are read with another keyword. */
const IGNORED: ReadonlySet<string> = new Set([
  ...['$schema', '$id', 'id', '$anchor', '$comment', '$vocabulary', '$defs', 'definitions', 'allOf', 'nullable'],
  ...['deprecated', 'readOnly', 'writeOnly'],
]);
/** Keywords that constrain nothing: nothing is lost if they are in the description. */
const ANNOTATIONS: ReadonlySet<string> = new Set(['default', 'example', 'examples']);

/** @param path prefix of the names in `dropped`: `tools[].function.parameters` */
export function toGeminiSchema(schema: JsonObject, path: string, dropped: Set<string>): JsonObject {
  return new SchemaWriter(schema, (keyword) => dropped.add(`${path}.${keyword}`)).write();
}

interface Definition {
  ref: string;
  name: string;
  target: JsonObject;
}

class SchemaWriter {
  readonly #references: SchemaReferences;
  /** Names of definitions, by the reference that leads to them. */
  readonly #names = new Map<string, string>();
  readonly #definitions = Object.create(null) as JsonObject;
  readonly #unwritten: Definition[] = [];
  /** References whose targets are being copied. */
  readonly #open = new Set<string>();
  #nodes = 0;
  #depth = 0;

  constructor(
    private readonly root: JsonObject,
    private readonly reportLoss: (keyword: string) => void,
  ) {
    this.#references = new SchemaReferences(root);
  }

  write(): JsonObject {
    const result = this.#convert(this.#resolveRoot(this.root));
    for (let next = this.#unwritten.shift(); next; next = this.#unwritten.shift()) {
      this.#open.add(next.ref);
      this.#definitions[next.name] = this.#convert(next.target);
      this.#open.clear();
    }
    if (relaxCycles(this.#definitions)) this.reportLoss('required');
    return this.#names.size === 0 ? result : { ...result, $defs: this.#definitions };
  }

  /** Resolves the root if it is a reference: it must be an object itself. */
  #resolveRoot(root: JsonObject): JsonObject {
    const seen = new Set<unknown>();
    let start = root;
    for (;;) {
      const { $ref: ref, ...others } = start;
      const target = typeof ref === 'string' && !seen.has(ref) ? this.#references.resolve(ref) : undefined;
      if (!isObject(target) || target === this.root) return start;
      seen.add(ref);
      start = this.#joinTarget(target, others);
    }
  }

  #convert(value: unknown): JsonObject {
    // `true` allows any value; `false`, which allows none, cannot be expressed
    if (value === false) this.reportLoss('false');
    if (!isObject(value)) return {};
    if (this.#depth >= MAX_DEPTH) {
      this.reportLoss('depth');
      return {};
    }
    this.#nodes++;
    this.#depth++;
    const result = this.#convertObject(value);
    this.#depth--;
    return result;
  }

  #convertObject(schema: JsonObject): JsonObject {
    const { $ref: ref } = schema;
    if (typeof ref === 'string') return this.#convertReference(ref, schema);
    return this.#convertKeywords(Array.isArray(schema['allOf']) ? this.#flatten(schema) : schema);
  }

  #convertReference(ref: string, { $ref: _ref, ...others }: JsonObject): JsonObject {
    const target = this.#references.resolve(ref);
    if (!isObject(target)) {
      if (target !== true) this.reportLoss('$ref');
      return this.#convert(others);
    }
    const siblings = Object.keys(others).filter((keyword) => !IGNORED.has(keyword) || keyword === 'allOf');
    if (siblings.length === 0) return { $ref: `#/$defs/${this.#getDefinitionName(ref, target)}` };
    if (this.#open.has(ref) || this.#nodes > MAX_NODES) {
      for (const keyword of siblings) this.reportLoss(keyword);
      return { $ref: `#/$defs/${this.#getDefinitionName(ref, target)}` };
    }
    this.#open.add(ref);
    const result = this.#convert(this.#joinTarget(target, others));
    this.#open.delete(ref);
    return result;
  }

  /** Combines the keywords beside a reference with its target. */
  #joinTarget(target: JsonObject, siblings: JsonObject): JsonObject {
    const constrains = (keyword: string): boolean =>
      !ANNOTATIONS.has(keyword) && !['title', 'description'].includes(keyword);
    const { $ref: ref } = target;
    if (ref === undefined) return mergeSchemas(siblings, target, this.reportLoss);
    return Object.keys(siblings).some(constrains) ? { allOf: [siblings, target] } : { ...target, ...siblings };
  }

  /** Returns the name of a definition. Each definition is written once. */
  #getDefinitionName(ref: string, target: JsonObject): string {
    const known = this.#names.get(ref);
    if (known !== undefined) return known;
    const last = ref.slice(ref.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9_.-]/g, '_') || 'root';
    let name = last;
    for (let n = 2; Object.hasOwn(this.#definitions, name); n++) name = `${last}_${n}`;
    this.#names.set(ref, name);
    this.#definitions[name] = {};
    this.#unwritten.push({ ref, name, target });
    return name;
  }

  #flatten({ allOf, ...base }: JsonObject): JsonObject {
    let merged = base;
    for (const part of allOf as unknown[]) {
      const schema = this.#flattenPart(part, 0);
      if (schema) merged = mergeSchemas(merged, schema, this.reportLoss);
      else if (part !== true) this.reportLoss('allOf');
    }
    return merged;
  }

  /** Returns one schema of `allOf`, without references and an `allOf` of its own; null if it nests without end. */
  #flattenPart(value: unknown, depth: number): JsonObject | null {
    if (!isObject(value) || depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) return null;
    const { $ref: ref, allOf, ...others } = value;
    let merged: JsonObject = others;
    const parts = [...(Array.isArray(allOf) ? (allOf as unknown[]) : [])];
    if (typeof ref === 'string') parts.push(this.#open.has(ref) ? false : this.#references.resolve(ref));
    for (const each of parts.filter((one) => one !== true)) {
      const schema = this.#flattenPart(each, depth + 1);
      if (!schema) return null;
      merged = mergeSchemas(merged, schema, this.reportLoss);
    }
    return merged;
  }

  #convertKeywords(schema: JsonObject): JsonObject {
    const result: JsonObject = {};
    const notes: string[] = [];
    for (const [keyword, value] of Object.entries(schema)) {
      if (value === undefined || IGNORED.has(keyword) || this.#take(result, keyword, value, schema)) continue;
      if (!ANNOTATIONS.has(keyword)) this.reportLoss(keyword);
      const note = `${keyword}: ${writeJson(value)}`;
      if (note.length <= MAX_NOTE_CHARS && !keyword.startsWith('x-')) notes.push(note);
    }
    if (notes.length > 0) {
      const description = typeof result['description'] === 'string' ? `${result['description']} ` : '';
      result['description'] = `${description}(${notes.join(', ')})`;
    }
    this.#finish(result, schema);
    const simplified = removeOptional(result);
    return schema['nullable'] === true ? addNull(simplified) : simplified;
  }

  /** Takes a keyword over. Returns false for a keyword that Google does not read. */
  #take(result: JsonObject, keyword: string, value: unknown, schema: JsonObject): boolean {
    switch (keyword) {
      case 'properties':
        result['properties'] = this.#convertProperties(value);
        return true;
      case 'items':
        // a list of schemas is the older form of `prefixItems`
        if (Array.isArray(value)) result['prefixItems'] = value.map((one) => this.#convert(one));
        else if (value !== true && value !== false) result['items'] = this.#convert(value);
        return value !== false;
      case 'prefixItems':
        result['prefixItems'] = toList(value).map((one) => this.#convert(one));
        return true;
      case 'anyOf':
      case 'oneOf':
        return this.#takeAlternatives(result, keyword, value, schema);
      case 'additionalProperties':
        result['additionalProperties'] = typeof value === 'boolean' ? value : this.#convert(value);
        return true;
      case 'enum':
        return takeValues(result, toEnumSchema(toList(value)));
      case 'const':
        return takeValues(result, toEnumSchema([value])) && typeof value !== 'boolean';
      case 'exclusiveMinimum':
      case 'exclusiveMaximum':
        return takeExclusive(result, keyword, value, schema);
      case 'unevaluatedProperties':
        if (value === false) result['additionalProperties'] ??= false;
        return value === false;
      case 'type':
        result['type'] ??= toLowerCase(value);
        return true;
      case 'format':
        if (FORMATS.has(value)) result['format'] = value;
        return FORMATS.has(value);
      default:
        if (SUPPORTED.has(keyword)) result[keyword] ??= value;
        return SUPPORTED.has(keyword);
    }
  }

  /**
   * Takes alternatives over; Google reads `oneOf` like `anyOf`. Alternatives that only require members have no type,
   * which Google refuses.
   */
  #takeAlternatives(result: JsonObject, keyword: string, value: unknown, schema: JsonObject): boolean {
    const options = toList(value);
    const isUsable = options.length > 0 && options.every((one) => isObject(one) && !isConditionOnly(one));
    if (!isUsable || result['anyOf'] || (keyword === 'oneOf' && 'anyOf' in schema)) return false;
    result['anyOf'] = options.map((one) => this.#convert(one));
    return true;
  }

  #convertProperties(value: unknown): JsonObject {
    const described = Object.entries(isObject(value) ? value : {}).filter(([, schema]) => schema !== false);
    return Object.fromEntries(described.map(([name, schema]) => [name, this.#convert(schema)]));
  }

  /**
   * Adds what Google requires: a type, only members of `properties` in `required`, and no empty
   * `properties`.
   */
  #finish(result: JsonObject, schema: JsonObject): void {
    const { properties, required } = result;
    if (result['anyOf'] && ('enum' in schema || 'const' in schema)) delete result['type'];
    const type = result['type'] ?? (result['anyOf'] ? undefined : inferType(result));
    if (type !== undefined) result['type'] = type;
    if (Array.isArray(required)) {
      const known = required.filter((name) => isObject(properties) && Object.hasOwn(properties, name as string));
      if (known.length < required.length) this.reportLoss('required');
      if (known.length > 0) result['required'] = known;
      else delete result['required'];
    }
    if (isObject(properties) && Object.keys(properties).length === 0) delete result['properties'];
  }
}

/**
 * Takes a type and values over. The type that the schema states, if any, has precedence over the one that the values
 * imply.
 */
function takeValues(result: JsonObject, values: JsonObject | null): boolean {
  if (values) Object.assign(result, 'anyOf' in values ? values : { ...values, type: result['type'] ?? values['type'] });
  return values !== null;
}

/** Converts an exclusive bound to an inclusive one. Only integers have a successor. */
function takeExclusive(result: JsonObject, keyword: string, value: unknown, { type }: JsonObject): boolean {
  if (type !== 'integer' || !Number.isInteger(value)) return false;
  if (keyword === 'exclusiveMinimum') result['minimum'] ??= (value as number) + 1;
  else result['maximum'] ??= (value as number) - 1;
  return true;
}

/** Converts types to lower case: Google's own SDKs write them in capitals. */
const toLowerCase = (type: unknown): unknown =>
  Array.isArray(type) ? type.map(toLowerCase) : typeof type === 'string' ? type.toLowerCase() : type;

const toList = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

const CONDITIONS: ReadonlySet<string> = new Set(['required', 'not', 'if', 'then', 'else', 'minProperties']);

const isConditionOnly = (schema: JsonObject): boolean =>
  Object.keys(schema).length > 0 && Object.keys(schema).every((keyword) => CONDITIONS.has(keyword));
