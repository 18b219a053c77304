/** Promise: for every JSON Schema of a client, Gemini gets one that it accepts, and lost keywords are named. */
import fc from 'fast-check';
import { parseMarkedIfLossy, writeJson } from '../../../../providers/json/exact.js';
import type { JsonObject } from '../../../pivot/chat.js';
import { toGeminiSchema } from './from-json-schema.js';

function written(schema: JsonObject): { made: JsonObject; lost: string[] } {
  const dropped = new Set<string>();
  const made = toGeminiSchema(schema, 's', dropped);
  return { made, lost: [...dropped].map((name) => name.slice('s.'.length)).sort() };
}

/** Converts a schema as the single property `a`. */
function property(schema: unknown, more: JsonObject = {}): { made: unknown; lost: string[] } {
  const { made, lost } = written({ type: 'object', properties: { a: schema }, ...more });
  return { made: (made['properties'] as JsonObject)['a'], lost };
}

const UNIT = { $defs: { Unit: { type: 'string', enum: ['mm', 'm'], description: 'A unit' } } };

describe('references', () => {
  it('a reference without siblings stays', () => {
    const { made, lost } = written({ type: 'object', properties: { a: { $ref: '#/$defs/Unit' } }, ...UNIT });
    expect(made).toEqual({ type: 'object', properties: { a: { $ref: '#/$defs/Unit' } }, ...UNIT });
    expect(lost).toEqual([]);
  });

  it('a reference with siblings is replaced by its target, and the siblings have precedence', () => {
    const { made, lost } = property(
      { $ref: '#/$defs/Unit', title: 'Unit', description: 'Of length', examples: ['mm'] },
      UNIT,
    );
    expect(made).toEqual({
      type: 'string',
      enum: ['mm', 'm'],
      title: 'Unit',
      description: 'Of length (examples: ["mm"])',
    });
    expect(lost).toEqual([]);
  });

  it.each([
    ['the older keyword definitions', { definitions: UNIT.$defs }, '#/definitions/Unit'],
    ['an anchor', { $defs: { Unit: { ...UNIT.$defs.Unit, $anchor: 'unit' } } }, '#unit'],
    ['a property', { properties: { a: { $ref: '#/properties/b' }, b: UNIT.$defs.Unit } }, '#/properties/b'],
    ['the document by its $id', { $id: 'urn:x', ...UNIT }, 'urn:x#/$defs/Unit'],
    ['an escaped name', { $defs: { 'U/n~t': UNIT.$defs.Unit } }, '#/$defs/U~1n~0t'],
  ])('a reference to %s is moved to $defs', (_where, more, ref) => {
    const { made, lost } = written({ type: 'object', properties: { a: { $ref: ref } }, ...more });
    const { $defs } = made as { $defs: JsonObject };
    expect(Object.values($defs)).toEqual([UNIT.$defs.Unit]);
    expect(JSON.stringify(made)).toContain(`{"$ref":"#/$defs/${Object.keys($defs)[0]}"}`);
    expect(lost).toEqual([]);
  });

  it('a reference at the root is resolved to an object schema', () => {
    const { made } = written({
      $ref: '#/$defs/B',
      $defs: { B: { $ref: '#/$defs/A' }, A: { type: 'object', title: 'A' } },
    });
    expect(made).toEqual({ type: 'object', title: 'A' });
  });

  it('a reference without a target is left out and named', () => {
    expect(property({ $ref: 'https://example.com/s.json', type: 'string' })).toEqual({
      made: { type: 'string' },
      lost: ['$ref'],
    });
    expect(property({ $ref: '#/$defs/None' })).toEqual({ made: {}, lost: ['$ref'] });
  });

  const TREE = {
    type: 'object',
    properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/Node' } } },
    required: ['name', 'children'],
  };

  it('a recursive reference stays, and its property becomes optional', () => {
    const { made, lost } = written({ $ref: '#/$defs/Node', $defs: { Node: TREE } });
    expect(made['$defs']).toEqual({ Node: { ...TREE, required: ['name'] } });
    expect(made['properties']).toEqual(TREE.properties);
    expect(lost).toEqual(['required']);
  });

  it('a recursive reference loses its siblings', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/Node', minItems: 1 } } };
    const { made, lost } = written({
      type: 'object',
      properties: { a: { $ref: '#/$defs/Node' } },
      $defs: { Node: node },
    });
    expect(made['$defs']).toEqual({ Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } });
    expect(lost).toEqual(['minItems']);
  });

  it('nested references with siblings grow a schema to less than 5 MB', () => {
    const $defs: JsonObject = { d60: { type: 'string' } };
    for (let i = 0; i < 60; i++) {
      const next = { $ref: `#/$defs/d${i + 1}`, title: 't' };
      $defs[`d${i}`] = { type: 'object', properties: { a: next, b: next } };
    }
    const { made } = written({ $ref: '#/$defs/d0', $defs });
    expect(JSON.stringify(made).length).toBeLessThan(5_000_000);
  });

  it('a chain of 5,000 references does not exhaust the stack', () => {
    const $defs: JsonObject = {};
    for (let i = 0; i < 5_000; i++)
      $defs[`d${i}`] = { type: 'object', properties: { a: { $ref: `#/$defs/d${i + 1}` } } };
    expect(Object.keys(written({ $ref: '#/$defs/d0', $defs }).made['$defs'] as object)).toHaveLength(4_999);
  });
});

describe('const and enum', () => {
  it.each([
    ['a const text', { const: 'x' }, { type: 'string', enum: ['x'] }, []],
    ['a const number', { const: 3 }, { type: 'integer', enum: [3] }, []],
    ['an enum of numbers', { enum: [1, 2.5] }, { type: 'number', enum: [1, 2.5] }, []],
    [
      'an enum of several types',
      { enum: ['a', 1, null] },
      { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'integer', enum: [1] }, { type: 'null' }] },
      [],
    ],
    [
      'an enum of a text and null',
      { type: ['string', 'null'], enum: ['a', null] },
      { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
      [],
    ],
    ['an enum of true and false', { enum: [true, false] }, { type: 'boolean' }, []],
    ['the const true', { const: true }, { type: 'boolean', description: '(const: true)' }, ['const']],
    ['a const object', { const: { b: 1 } }, { description: '(const: {"b":1})' }, ['const']],
    ['an enum with an object', { enum: [{ b: 1 }, 'x'] }, { description: '(enum: [{"b":1},"x"])' }, ['enum']],
  ])('%s is converted to types and enums, or moves to the description', (_what, schema, made, lost) => {
    expect(property(schema)).toEqual({ made, lost });
  });
});

it('a converted schema keeps the digits of numbers', () => {
  const text =
    '{"type":"object","properties":{"a":{"const":9007199254740993},"b":{"type":"integer","multipleOf":9007199254740993}}}';
  const { made } = written(parseMarkedIfLossy(text) as JsonObject);
  expect(writeJson(made)).toBe(
    '{"type":"object","properties":{"a":{"type":"integer","enum":[9007199254740993]},"b":{"type":"integer","description":"(multipleOf: 9007199254740993)"}}}',
  );
});

describe('types', () => {
  it.each([
    ['a list of types', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
    ['a type in capitals', { type: 'STRING' }, { type: 'string' }],
    [
      'types that are not stated',
      { properties: { b: { items: { type: 'string' } } } },
      { type: 'object', properties: { b: { type: 'array', items: { type: 'string' } } } },
    ],
    ['OpenAPI nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'an optional value',
      { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }], title: 'N' },
      { type: ['integer', 'null'], minimum: 1, title: 'N' },
    ],
    ['any value', true, {}],
    ['an object of no known members', { type: 'object', properties: {} }, { type: 'object' }],
  ])('the schema converts %s without loss', (_what, schema, made) => {
    expect(property(schema)).toEqual({ made, lost: [] });
  });

  it('a property that no value can satisfy is left out', () => {
    expect(written({ type: 'object', properties: { a: false, b: { type: 'string' } } }).made).toEqual({
      type: 'object',
      properties: { b: { type: 'string' } },
    });
  });
});

describe('keywords that Gemini does not read', () => {
  it.each([
    ['pattern', { type: 'string', pattern: '^a' }, { type: 'string', description: '(pattern: "^a")' }],
    [
      'patternProperties',
      { type: 'object', patternProperties: { '^a': { type: 'string' } } },
      { type: 'object', description: '(patternProperties: {"^a":{"type":"string"}})' },
    ],
    ['not', { type: 'string', not: { const: 'x' } }, { type: 'string', description: '(not: {"const":"x"})' }],
    [
      'format',
      { type: 'string', format: 'email', description: 'Where to' },
      { type: 'string', description: 'Where to (format: "email")' },
    ],
    [
      'uniqueItems',
      { type: 'array', items: { type: 'string' }, uniqueItems: true },
      { type: 'array', items: { type: 'string' }, description: '(uniqueItems: true)' },
    ],
    [
      'anyOf',
      { type: 'object', properties: { b: {} }, anyOf: [{ required: ['b'] }] },
      { type: 'object', properties: { b: {} }, description: '(anyOf: [{"required":["b"]}])' },
    ],
    [
      'required',
      { type: 'object', properties: { b: {} }, required: ['b', 'c'] },
      { type: 'object', properties: { b: {} }, required: ['b'] },
    ],
  ])('the unsupported keyword %s moves to the description and is named', (keyword, schema, made) => {
    expect(property(schema)).toEqual({ made, lost: [keyword] });
  });

  it.each([
    ['default', { type: 'string', default: 'x' }, { type: 'string', description: '(default: "x")' }],
    ['examples', { type: 'string', examples: ['x'] }, { type: 'string', description: '(examples: ["x"])' }],
    ['$comment', { type: 'string', $comment: 'x', deprecated: true }, { type: 'string' }],
  ])('the annotation %s is not named as lost', (_keyword, schema, made) => {
    expect(property(schema)).toEqual({ made, lost: [] });
  });

  it('a keyword with an equivalent is replaced by it', () => {
    expect(property({ type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 })).toEqual({
      made: { type: 'integer', minimum: 1, maximum: 9 },
      lost: [],
    });
    expect(property({ type: 'array', items: [{ type: 'string' }, { type: 'number' }] }).made).toEqual({
      type: 'array',
      prefixItems: [{ type: 'string' }, { type: 'number' }],
    });
    expect(property({ oneOf: [{ type: 'string' }, { type: 'number' }] }).made).toEqual({
      anyOf: [{ type: 'string' }, { type: 'number' }],
    });
    expect(property({ type: 'object', unevaluatedProperties: false }).made).toEqual({
      type: 'object',
      additionalProperties: false,
    });
  });
});

describe('allOf', () => {
  it('allOf of one reference beside a description becomes the referenced schema', () => {
    const { made, lost } = property({ allOf: [{ $ref: '#/$defs/Unit' }], description: 'Of length' }, UNIT);
    expect(made).toEqual({ type: 'string', enum: ['mm', 'm'], description: 'Of length' });
    expect(lost).toEqual([]);
  });

  it('allOf is merged into one schema', () => {
    const schema = {
      allOf: [
        { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] },
        { $ref: '#/$defs/C' },
        { minimum: 2 },
      ],
      minimum: 1,
    };
    const C = { type: 'object', properties: { b: { enum: ['x'] }, c: { type: 'number' } }, required: ['c'] };
    expect(property(schema, { $defs: { C } })).toEqual({
      made: {
        type: 'object',
        properties: { b: { type: 'string', enum: ['x'] }, c: { type: 'number' } },
        required: ['b', 'c'],
        minimum: 2,
      },
      lost: [],
    });
  });

  it('an endless allOf is named as lost', () => {
    const { lost } = written({ $ref: '#/$defs/A', $defs: { A: { type: 'object', allOf: [{ $ref: '#/$defs/A' }] } } });
    expect(lost).toContain('allOf');
  });

  it('contradicting members of allOf are named as lost', () => {
    expect(property({ allOf: [{ pattern: 'a' }, { pattern: 'b' }] }).lost).toEqual(['pattern']);
    expect(property({ allOf: [{ type: 'string' }, { type: 'number' }] }).lost).toEqual(['type']);
  });
});

const READ = new Set(
  'type format title description enum items prefixItems minItems maxItems minimum maximum anyOf properties additionalProperties required propertyOrdering'.split(
    ' ',
  ),
);

/** Throws if a schema breaks one of Google's rules. */
function check(schema: unknown, definitions: JsonObject, isRoot = false): void {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    throw new Error(`no schema: ${JSON.stringify(schema)}`);
  const { $ref: ref, $defs, ...members } = schema as JsonObject;
  if ($defs !== undefined && !isRoot) throw new Error('$defs inside');
  if (ref !== undefined) {
    if (Object.keys(members).length > 0) throw new Error(`beside $ref: ${Object.keys(members).join()}`);
    if (!Object.hasOwn(definitions, (ref as string).replace('#/$defs/', '')))
      throw new Error(`${ref as string} leads nowhere`);
  }
  for (const [keyword, value] of Object.entries(members)) {
    if (!READ.has(keyword)) throw new Error(`${keyword} is not read`);
    if (keyword === 'properties') for (const one of Object.values(value as object)) check(one, definitions);
    else if (keyword === 'items' || (keyword === 'additionalProperties' && typeof value === 'object'))
      check(value, definitions);
    else if (keyword === 'anyOf' || keyword === 'prefixItems')
      for (const one of value as unknown[]) check(one, definitions);
  }
  for (const one of Object.values($defs ?? {})) check(one, definitions);
}

it("any input gives a schema that follows Gemini's rules", () => {
  const { schema } = fc.letrec((tie) => {
    const inner = fc.oneof({ maxDepth: 4 }, fc.boolean(), fc.jsonValue({ maxDepth: 1 }), tie('schema'));
    const ref = fc.constantFrom(
      '#',
      '#/$defs/A',
      '#/definitions/B',
      '#/properties/a',
      '#/allOf/0',
      '#/none',
      'x.json',
      '#%',
    );
    const map = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'A', 'B'), inner, { maxKeys: 3 });
    const schemas = fc.oneof(fc.array(inner, { maxLength: 3 }), fc.jsonValue({ maxDepth: 1 }));
    const any = fc.jsonValue({ maxDepth: 2 });
    return {
      schema: fc.record(
        {
          $ref: ref,
          $defs: map,
          definitions: map,
          type: fc.oneof(fc.constantFrom('object', 'string', 'integer', ['string', 'null']), any),
          properties: fc.oneof(map, any),
          required: fc.oneof(fc.array(fc.constantFrom('a', 'b', 'c')), any),
          items: fc.oneof(inner, schemas),
          additionalProperties: inner,
          allOf: schemas,
          anyOf: schemas,
          oneOf: schemas,
          enum: any,
          const: any,
          minimum: any,
          description: fc.oneof(fc.string(), any),
          nullable: fc.boolean(),
          pattern: any,
        },
        { requiredKeys: [] },
      ),
    };
  });
  fc.assert(
    fc.property(schema, (any) => {
      const { made } = written(JSON.parse(JSON.stringify(any)) as JsonObject);
      check(made, (made['$defs'] ?? {}) as JsonObject, true);
    }),
    { numRuns: 500 },
  );
});
