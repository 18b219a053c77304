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

const KEPT: ReadonlySet<string> = new Set([
  ...['title', 'description', 'minItems', 'maxItems', 'minimum', 'maximum', 'propertyOrdering', 'required'],
]);
/** Formats of texts that Google accepts; formats of numbers are OpenAPI's. */
const FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'date', 'time', 'int32', 'int64', 'float', 'double']);
/** Keywords that constrain no value, or are read with another keyword. */
const SILENT: ReadonlySet<string> = new Set([
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
    private readonly lose: (keyword: string) => void,
  ) {
    this.#references = new SchemaReferences(root);
  }

  write(): JsonObject {
    const made = this.#schema(this.#followed(this.root));
    for (let next = this.#unwritten.shift(); next; next = this.#unwritten.shift()) {
      this.#open.add(next.ref);
      this.#definitions[next.name] = this.#schema(next.target);
      this.#open.clear();
    }
    if (relaxCycles(this.#definitions)) this.lose('required');
    return this.#names.size === 0 ? made : { ...made, $defs: this.#definitions };
  }

  /** Resolves the root if it is a reference: it must be an object itself. */
  #followed(root: JsonObject): JsonObject {
    const seen = new Set<unknown>();
    let start = root;
    for (;;) {
      const { $ref: ref, ...others } = start;
      const target = typeof ref === 'string' && !seen.has(ref) ? this.#references.resolve(ref) : undefined;
      if (!isObject(target) || target === this.root) return start;
      seen.add(ref);
      start = this.#joined(target, others);
    }
  }

  #schema(value: unknown): JsonObject {
    // `true` allows any value; `false`, which allows none, cannot be expressed
    if (value === false) this.lose('false');
    if (!isObject(value)) return {};
    if (this.#depth >= MAX_DEPTH) {
      this.lose('depth');
      return {};
    }
    this.#nodes++;
    this.#depth++;
    const made = this.#written(value);
    this.#depth--;
    return made;
  }

  #written(schema: JsonObject): JsonObject {
    const { $ref: ref } = schema;
    if (typeof ref === 'string') return this.#reference(ref, schema);
    return this.#keywords(Array.isArray(schema['allOf']) ? this.#flattened(schema) : schema);
  }

  #reference(ref: string, { $ref: _ref, ...others }: JsonObject): JsonObject {
    const target = this.#references.resolve(ref);
    if (!isObject(target)) {
      if (target !== true) this.lose('$ref');
      return this.#schema(others);
    }
    const beside = Object.keys(others).filter((keyword) => !SILENT.has(keyword) || keyword === 'allOf');
    if (beside.length === 0) return { $ref: `#/$defs/${this.#nameOf(ref, target)}` };
    if (this.#open.has(ref) || this.#nodes > MAX_NODES) {
      for (const keyword of beside) this.lose(keyword);
      return { $ref: `#/$defs/${this.#nameOf(ref, target)}` };
    }
    this.#open.add(ref);
    const made = this.#schema(this.#joined(target, others));
    this.#open.delete(ref);
    return made;
  }

  /** Combines the keywords beside a reference with its target. */
  #joined(target: JsonObject, beside: JsonObject): JsonObject {
    const says = (keyword: string): boolean => !ANNOTATIONS.has(keyword) && !['title', 'description'].includes(keyword);
    const { $ref: ref } = target;
    if (ref === undefined) return mergeSchemas(beside, target, this.lose);
    return Object.keys(beside).some(says) ? { allOf: [beside, target] } : { ...target, ...beside };
  }

  /** Returns the name of a definition. Each definition is written once. */
  #nameOf(ref: string, target: JsonObject): string {
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

  #flattened({ allOf, ...base }: JsonObject): JsonObject {
    let merged = base;
    for (const part of allOf as unknown[]) {
      const schema = this.#part(part, 0);
      if (schema) merged = mergeSchemas(merged, schema, this.lose);
      else if (part !== true) this.lose('allOf');
    }
    return merged;
  }

  /** Returns one schema of `allOf`, without references and an `allOf` of its own; null if it nests without end. */
  #part(value: unknown, depth: number): JsonObject | null {
    if (!isObject(value) || depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) return null;
    const { $ref: ref, allOf, ...others } = value;
    let merged: JsonObject = others;
    const parts = [...(Array.isArray(allOf) ? (allOf as unknown[]) : [])];
    if (typeof ref === 'string') parts.push(this.#open.has(ref) ? false : this.#references.resolve(ref));
    for (const each of parts.filter((one) => one !== true)) {
      const schema = this.#part(each, depth + 1);
      if (!schema) return null;
      merged = mergeSchemas(merged, schema, this.lose);
    }
    return merged;
  }

  #keywords(schema: JsonObject): JsonObject {
    const made: JsonObject = {};
    const notes: string[] = [];
    for (const [keyword, value] of Object.entries(schema)) {
      if (value === undefined || SILENT.has(keyword) || this.#take(made, keyword, value, schema)) continue;
      if (!ANNOTATIONS.has(keyword)) this.lose(keyword);
      const note = `${keyword}: ${writeJson(value)}`;
      if (note.length <= MAX_NOTE_CHARS && !keyword.startsWith('x-')) notes.push(note);
    }
    if (notes.length > 0) {
      const told = typeof made['description'] === 'string' ? `${made['description']} ` : '';
      made['description'] = `${told}(${notes.join(', ')})`;
    }
    this.#finish(made, schema);
    const whole = removeOptional(made);
    return schema['nullable'] === true ? addNull(whole) : whole;
  }

  /** Takes a keyword over. Returns false for a keyword that Google does not read. */
  #take(made: JsonObject, keyword: string, value: unknown, schema: JsonObject): boolean {
    switch (keyword) {
      case 'properties':
        made['properties'] = this.#properties(value);
        return true;
      case 'items':
        // a list of schemas is the older form of `prefixItems`
        if (Array.isArray(value)) made['prefixItems'] = value.map((one) => this.#schema(one));
        else if (value !== true && value !== false) made['items'] = this.#schema(value);
        return value !== false;
      case 'prefixItems':
        made['prefixItems'] = list(value).map((one) => this.#schema(one));
        return true;
      case 'anyOf':
      case 'oneOf':
        return this.#alternatives(made, keyword, value, schema);
      case 'additionalProperties':
        made['additionalProperties'] = typeof value === 'boolean' ? value : this.#schema(value);
        return true;
      case 'enum':
        return take(made, toEnumSchema(list(value)));
      case 'const':
        return take(made, toEnumSchema([value])) && typeof value !== 'boolean';
      case 'exclusiveMinimum':
      case 'exclusiveMaximum':
        return takeExclusive(made, keyword, value, schema);
      case 'unevaluatedProperties':
        if (value === false) made['additionalProperties'] ??= false;
        return value === false;
      case 'type':
        made['type'] ??= lowerCase(value);
        return true;
      case 'format':
        if (FORMATS.has(value)) made['format'] = value;
        return FORMATS.has(value);
      default:
        if (KEPT.has(keyword)) made[keyword] ??= value;
        return KEPT.has(keyword);
    }
  }

  /**
   * Takes alternatives over; Google reads `oneOf` like `anyOf`. Alternatives that only require members have no type,
   * which Google refuses.
   */
  #alternatives(made: JsonObject, keyword: string, value: unknown, schema: JsonObject): boolean {
    const options = list(value);
    const isUsable = options.length > 0 && options.every((one) => isObject(one) && !isConditionOnly(one));
    if (!isUsable || made['anyOf'] || (keyword === 'oneOf' && 'anyOf' in schema)) return false;
    made['anyOf'] = options.map((one) => this.#schema(one));
    return true;
  }

  #properties(value: unknown): JsonObject {
    const described = Object.entries(isObject(value) ? value : {}).filter(([, schema]) => schema !== false);
    return Object.fromEntries(described.map(([name, schema]) => [name, this.#schema(schema)]));
  }

  /**
   * Adds what Google requires: a type, only members of `properties` in `required`, and no empty
   * `properties`.
   */
  #finish(made: JsonObject, schema: JsonObject): void {
    const { properties, required } = made;
    if (made['anyOf'] && ('enum' in schema || 'const' in schema)) delete made['type'];
    const type = made['type'] ?? (made['anyOf'] ? undefined : inferType(made));
    if (type !== undefined) made['type'] = type;
    if (Array.isArray(required)) {
      const known = required.filter((name) => isObject(properties) && Object.hasOwn(properties, name as string));
      if (known.length < required.length) this.lose('required');
      if (known.length > 0) made['required'] = known;
      else delete made['required'];
    }
    if (isObject(properties) && Object.keys(properties).length === 0) delete made['properties'];
  }
}

/**
 * Takes a type and values over. The type that the schema states, if any, has precedence over the one that the values
 * imply.
 */
function take(made: JsonObject, values: JsonObject | null): boolean {
  if (values) Object.assign(made, 'anyOf' in values ? values : { ...values, type: made['type'] ?? values['type'] });
  return values !== null;
}

/** Converts an exclusive bound to an inclusive one. Only integers have a successor. */
function takeExclusive(made: JsonObject, keyword: string, value: unknown, { type }: JsonObject): boolean {
  if (type !== 'integer' || !Number.isInteger(value)) return false;
  if (keyword === 'exclusiveMinimum') made['minimum'] ??= (value as number) + 1;
  else made['maximum'] ??= (value as number) - 1;
  return true;
}

/** Converts types to lower case: Google's own SDKs write them in capitals. */
const lowerCase = (type: unknown): unknown =>
  Array.isArray(type) ? type.map(lowerCase) : typeof type === 'string' ? type.toLowerCase() : type;

const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

const CONDITIONS: ReadonlySet<string> = new Set(['required', 'not', 'if', 'then', 'else', 'minProperties']);

const isConditionOnly = (schema: JsonObject): boolean =>
  Object.keys(schema).length > 0 && Object.keys(schema).every((keyword) => CONDITIONS.has(keyword));
